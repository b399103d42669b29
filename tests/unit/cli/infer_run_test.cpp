// A run over images with a predictor that does as the test says, and the folder that keeps its results.
#include "cli/infer_run.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using Outcome = client::Result<client::Prediction>;

/// "0" of an image that was made for index 0.
std::string url_of(const client::Image& image) {
  return std::get<client::Image::Url>(image.source()).text;
}

Outcome found(const std::string& text) {
  client::Prediction prediction;
  prediction.json = R"({"predictions":[],"inference_id":")" + text + "\"}";
  return prediction;
}

class ScriptedPredictor final : public Predictor {
 public:
  using Script = std::function<Outcome(const std::string& url, const std::stop_token& stop)>;
  explicit ScriptedPredictor(Script script) : script_(std::move(script)) {}

  std::optional<client::Error> open(const std::string&, const client::InferOptions&) override { return std::nullopt; }
  Outcome predict(const client::Image& image, const std::stop_token& stop) override {
    ++calls;
    return script_(url_of(image), stop);
  }

  std::atomic<int> calls{0};

 private:
  Script script_;
};

class RecordingPrinter final : public InferPrinter {
 public:
  void print(const std::string& input, const Outcome& outcome) override {
    lines.push_back(input + (outcome ? "" : "!"));
  }
  void finish() override {}
  std::vector<std::string> lines;
};

class InferRunTest : public testing::Test {
 protected:
  InferRunTest() { fs::remove_all(folder); }
  ~InferRunTest() override { fs::remove_all(folder); }

  static std::vector<InferInput> inputs(int count) {
    std::vector<InferInput> result;
    for (int i = 0; i < count; ++i) {
      const auto name = std::to_string(i);
      result.push_back({.shown = name, .name = name, .url = name});
    }
    return result;
  }

  ResultsFolder open(const std::string& description, bool with_pictures = false) const {
    auto opened = ResultsFolder::open(folder, description, with_pictures);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  const fs::path folder = fs::path(testing::TempDir()) / "osprey_infer_run_test";
  std::stop_source stop;
  RecordingPrinter printer;
};

TEST_F(InferRunTest, OutcomesArePrintedInTheInputsOrder) {
  ScriptedPredictor predictor([](const std::string& url, const std::stop_token&) {
    if (url == "0") std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the first one is the last to be done
    return found(url);
  });
  const auto all = inputs(6);
  const auto tally =
      run_inference({.inputs = all, .predictor = predictor, .printer = &printer, .concurrent = 3}, stop.get_token());
  EXPECT_EQ(tally.predicted, 6U);
  EXPECT_FALSE(tally.interrupted);
  EXPECT_THAT(printer.lines, ElementsAre("0", "1", "2", "3", "4", "5"));
}

TEST_F(InferRunTest, NoMoreThanSoManyAreUnderWay) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  ScriptedPredictor predictor([&](const std::string& url, const std::stop_token&) {
    const int running = ++now;
    for (int seen = most; running > seen && !most.compare_exchange_weak(seen, running);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --now;
    return found(url);
  });
  const auto all = inputs(30);
  EXPECT_EQ(run_inference({.inputs = all, .predictor = predictor, .concurrent = 3}, stop.get_token()).predicted, 30U);
  EXPECT_LE(most, 3);
}

TEST_F(InferRunTest, AnImageThatFailsLeavesTheOthers) {
  std::vector<std::string> told;
  ScriptedPredictor predictor([](const std::string& url, const std::stop_token&) -> Outcome {
    if (url == "1") return client::Error{.kind = client::ErrorKind::rejected, .message = "no image"};
    return found(url);
  });
  const auto all = inputs(3);
  const auto tally = run_inference({.inputs = all,
                                    .predictor = predictor,
                                    .printer = &printer,
                                    .on_failure = [&](const std::string& line) { told.push_back(line); }},
                                   stop.get_token());
  EXPECT_EQ(tally.predicted, 2U);
  EXPECT_EQ(tally.failed, 1U);
  EXPECT_FALSE(tally.fatal);
  EXPECT_THAT(printer.lines, ElementsAre("0", "1!", "2"));
  EXPECT_THAT(told, ElementsAre("1: no image"));
}

TEST_F(InferRunTest, WhatEveryImageWouldFailByEndsTheRun) {
  ScriptedPredictor predictor([](const std::string& url, const std::stop_token&) -> Outcome {
    if (url == "2") return client::Error{.kind = client::ErrorKind::unreachable, .message = "gone"};
    return found(url);
  });
  const auto all = inputs(100);
  const auto tally = run_inference({.inputs = all, .predictor = predictor}, stop.get_token());
  ASSERT_TRUE(tally.fatal);
  EXPECT_EQ(tally.fatal->message, "gone");
  EXPECT_EQ(tally.predicted, 2U);
  EXPECT_EQ(predictor.calls, 3);
}

TEST_F(InferRunTest, AnInterruptedRunGoesOnWhereItStopped) {
  ScriptedPredictor interrupted([this](const std::string& url, const std::stop_token& token) -> Outcome {
    if (url == "4") stop.request_stop();
    if (token.stop_requested()) return client::Error{.kind = client::ErrorKind::cancelled, .message = "cancelled"};
    return found(url);
  });
  const auto all = inputs(10);
  const auto results = open("model a");
  auto tally = run_inference({.inputs = all, .predictor = interrupted, .folder = &results}, stop.get_token());
  EXPECT_TRUE(tally.interrupted);
  EXPECT_EQ(tally.predicted, 4U);

  ScriptedPredictor second([](const std::string& url, const std::stop_token&) { return found(url); });
  const auto again = open("model a");
  tally = run_inference({.inputs = all, .predictor = second, .folder = &again, .printer = &printer}, {});
  EXPECT_EQ(tally.kept, 4U);
  EXPECT_EQ(tally.predicted, 6U);
  EXPECT_EQ(second.calls, 6);
  EXPECT_EQ(printer.lines.size(), 10U);  // what was kept is told, too

  const auto other = open("model b");
  tally = run_inference({.inputs = all, .predictor = second, .folder = &other}, {});
  EXPECT_EQ(tally.kept, 0U);
}

TEST_F(InferRunTest, AFolderThatCannotBeWrittenToEndsTheRun) {
  ScriptedPredictor predictor([](const std::string& url, const std::stop_token&) { return found(url); });
  auto all = inputs(3);
  all[0].name = "below/0";
  const auto results = open("model a");
  std::ofstream(folder / "below") << "a file where a folder belongs";
  const auto tally = run_inference({.inputs = all, .predictor = predictor, .folder = &results}, stop.get_token());
  ASSERT_TRUE(tally.fatal);
  EXPECT_THAT(tally.fatal->message, testing::HasSubstr("cannot write"));
  EXPECT_FALSE(tally.interrupted);
}

TEST_F(InferRunTest, AResultNeedsItsPictureWhereOneIsAskedFor) {
  const auto all = inputs(1);
  const auto results = open("model a", true);
  client::Prediction prediction;
  prediction.json = "{}";
  prediction.visualization = {std::byte{1}};
  ASSERT_TRUE(results.write(all[0], prediction));
  EXPECT_TRUE(results.has(all[0]));
  fs::remove(folder / "0.annotated.jpg");
  EXPECT_FALSE(results.has(all[0]));
}

TEST_F(InferRunTest, PicturesAreNotPartOfTheJson) {
  ScriptedPredictor predictor([](const std::string&, const std::stop_token&) -> Outcome {
    client::Prediction prediction;
    prediction.json = R"({"visualization":"AQ==","predictions":[1.5]})";
    prediction.visualization = {std::byte{1}};
    return prediction;
  });
  const auto all = inputs(1);
  const auto results = open("model a", true);
  EXPECT_EQ(run_inference({.inputs = all, .predictor = predictor, .folder = &results}, {}).predicted, 1U);
  EXPECT_EQ(*results.read(all[0]), "{\"predictions\":[1.5]}\n");
}

}  // namespace
}  // namespace osprey::cli
