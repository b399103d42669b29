// Engines that throw, fail or give what they should not: each job has its one end, and the model's health is told.
#include <functional>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fake/fake_engine.hpp"
#include "fake_models.hpp"
#include "registry/model_runner.hpp"

namespace osprey::registry {
namespace {

using testing::HasSubstr;
using Outputs = Result<std::vector<engine::FakeOutput>>;

struct Ends {
  int completed = 0;
  int dropped = 0;
  Error why;
};

class CountedJob final : public InferenceJob {
 public:
  CountedJob(Ends& ends, bool readable) : ends_(ends), readable_(readable) {}
  void drop(Error why) noexcept override {
    ++ends_.dropped;
    ends_.why = std::move(why);
  }
  [[nodiscard]] std::span<const float> input() const override { return input_; }
  [[nodiscard]] Status complete(std::span<const TensorView>, std::size_t) noexcept override {
    ++ends_.completed;
    if (readable_) return {};
    return Error{Code::internal, "no family reads this"};
  }

 private:
  std::vector<float> input_ = std::vector<float>(4, 1.0F);
  Ends& ends_;
  bool readable_;
};

class ModelRunnerFaultsTest : public testing::Test {
 protected:
  ModelRunnerFaultsTest() {
    write_file(folder.path() / "x.onnx", "");
    auto session = (*engine->read(folder.path() / "x.onnx"))->compile({});
    runner = std::move(ModelRunner::create(*session, {1, 2, 2})).value();
    runner->report_to(health);
  }
  static Outputs sound() { return std::vector{engine::FakeOutput{{1, 2}, {0.1F, 0.9F}}}; }
  Ends run(bool readable = true) {
    Ends ends;
    std::vector<std::unique_ptr<scheduler::Job>> batch;
    batch.push_back(std::make_unique<CountedJob>(ends, readable));
    runner->run(batch, 1);
    EXPECT_EQ(ends.completed + ends.dropped, 1);
    return ends;
  }
  std::string reason() const { return health->out() ? health->out()->reason : ""; }

  TemporaryFolder folder;
  std::function<Outputs()> network = sound;
  std::unique_ptr<engine::Engine> engine =
      engine::create_fake_engine({{{"in", {1, 1, 2, 2}}}, {{"out", {1, 2}}}, {}, "f32"},
                                 [this](std::span<const TensorView>) { return network(); });
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<ModelHealth> health = std::make_shared<ModelHealth>("a/1", clock, make_null_log());
  std::unique_ptr<ModelRunner> runner;
};

TEST_F(ModelRunnerFaultsTest, WhateverAnEngineThrowsIsAnErrorOfItsRun) {
  const std::vector<std::pair<std::function<Outputs()>, std::string>> kinds{
      {[]() -> Outputs { throw std::bad_alloc(); }, "bad_alloc"},
      {[]() -> Outputs { throw std::runtime_error("the plugin is gone"); }, "the plugin is gone"},
      {[]() -> Outputs { throw 42; }, "the network failed"},
      {[]() -> Outputs { return Error{Code::internal, "the engine says no"}; }, "the engine says no"}};
  for (const auto& [kind, text] : kinds) {
    network = kind;
    const auto ends = run();
    EXPECT_EQ(ends.dropped, 1);
    EXPECT_EQ(ends.why.code, Code::internal);
    EXPECT_THAT(ends.why.message, HasSubstr(text));
    network = sound;
    EXPECT_EQ(run().completed, 1) << "the next run goes on, on the same stream";
  }
  EXPECT_EQ(health->failures(), 4U);
}

TEST_F(ModelRunnerFaultsTest, OutputsThatAreNotWhatWasPromisedAreNotRead) {
  network = []() -> Outputs {
    return std::vector{engine::FakeOutput{{1, 2}, {0.1F, std::numeric_limits<float>::quiet_NaN()}}};
  };
  EXPECT_THAT(run().why.message, HasSubstr("not numbers"));
  network = []() -> Outputs { return std::vector{engine::FakeOutput{{2}, {0.1F, 0.2F}}}; };
  EXPECT_THAT(run().why.message, HasSubstr("has the shape [2]"));
  network = []() -> Outputs { return std::vector<engine::FakeOutput>{}; };
  EXPECT_THAT(run().why.message, HasSubstr("0 outputs instead of 1"));
  EXPECT_TRUE(health->out());
}

TEST_F(ModelRunnerFaultsTest, OutputsThatTheFamilyCannotReadAreAFaultOfTheModel) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run(false).completed, 1);
  EXPECT_EQ(reason(), "no family reads this");
}

TEST_F(ModelRunnerFaultsTest, WhatWaitsForAModelThatIsOutIsDroppedWithoutARun) {
  network = []() -> Outputs { return Error{Code::internal, "broken"}; };
  for (int i = 0; i < 3; ++i) (void)run();
  int runs = 0;
  network = [&]() -> Outputs {
    ++runs;
    return sound();
  };
  const auto ends = run();
  EXPECT_EQ(ends.why.code, Code::unavailable);
  EXPECT_THAT(ends.why.message, HasSubstr("out of service (broken)"));
  EXPECT_EQ(runs, 0);
  clock->advance(std::chrono::seconds(1));
  EXPECT_FALSE(health->ask().refusal);
  EXPECT_EQ(run().completed, 1);
  EXPECT_FALSE(health->out());
}

TEST_F(ModelRunnerFaultsTest, ARunThatHangsIsToldAndSoIsItsEnd) {
  const auto why = runner->overdue(std::chrono::seconds(30));
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, Code::unavailable);
  EXPECT_TRUE(health->is_out());
  runner->came_back();
  EXPECT_FALSE(health->ask().refusal);
}

TEST_F(ModelRunnerFaultsTest, AnEngineThatThrowsAtItsFirstRunIsNoModel) {
  network = []() -> Outputs { throw std::runtime_error("no such instruction"); };
  auto session = (*engine->read(folder.path() / "x.onnx"))->compile({});
  const auto made = ModelRunner::create(*session, {1, 2, 2});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("no such instruction"));
}

}  // namespace
}  // namespace osprey::registry
