// Models that give what they should not, throw or hang: the request's one answer says so, the next goes on.
#include <condition_variable>
#include <functional>
#include <future>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/encode.hpp"
#include "service/answer_check.hpp"
#include "service_fixture.hpp"

namespace osprey::service {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class FaultsTest : public ServiceFixture {
 protected:
  FaultsTest() { load(); }
  std::shared_ptr<PredictionRequest> request(std::string bytes) {
    auto stored = std::make_shared<std::string>(std::move(bytes));
    auto made = std::make_shared<PredictionRequest>();
    made->model_id = "fake/1";
    made->images.push_back({ImageSource::Kind::encoded, *stored});
    made->keep_alive = stored;
    made->deadline = clock->now() + seconds(120);
    return made;
  }
  static std::string picture() {
    const auto bytes = image::encode_png_grey(std::vector<std::uint8_t>(64 * 48, 200), {64, 48});
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  }
  void begin(std::shared_ptr<const PredictionRequest> with) {
    service.predict(std::move(with), [&](Result<PredictionResponse> result) {
      ++completions;
      outcome.emplace(std::move(result));
    });
  }
  /// Predicts on this thread; the error, or none.
  Error predict() {
    completions = 0;
    outcome.reset();
    begin(request(picture()));
    run_dry();
    EXPECT_EQ(completions, 1);
    if (!outcome) return {Code::internal, "not completed"};
    return *outcome ? Error{Code::internal, {}} : outcome->error();
  }
  static Outputs detector_giving(float value, Shape shape = {1, 6, 1}) {
    return std::vector{engine::FakeOutput{shape, std::vector<float>(element_count(shape), value)}};
  }

  int completions = 0;
  std::optional<Result<PredictionResponse>> outcome;
};

TEST_F(FaultsTest, OutputsThatAreNoNumbersAreAFaultOfTheModelAndNoAnswer) {
  network = [](auto) { return detector_giving(std::numeric_limits<float>::quiet_NaN()); };
  const auto why = predict();
  EXPECT_EQ(why.code, Code::internal);
  EXPECT_THAT(why.message, HasSubstr("not numbers"));
  network = fake_detector;
  EXPECT_EQ(predict().message, "");
}

TEST_F(FaultsTest, AnInfiniteConfidenceIsNoAnswer) {
  network = [](auto) -> Outputs {
    return std::vector{engine::FakeOutput{{1, 6, 1}, {16, 16, 16, 16, 0, std::numeric_limits<float>::infinity()}}};
  };
  EXPECT_THAT(predict().message, HasSubstr("not numbers"));
}

TEST_F(FaultsTest, OutputsOfAnotherShapeThanTheFamilysAreToldWithBoth) {
  network = [](auto) { return detector_giving(0.5F, {1, 9, 4}); };
  const auto why = predict();
  EXPECT_EQ(why.code, Code::internal);
  EXPECT_THAT(why.message, HasSubstr("[1,9,4]"));
}

TEST_F(FaultsTest, ThreeFaultsTakeTheModelOutAndASuccessLaterTakesItIn) {
  network = [](auto) -> Outputs { throw std::runtime_error("the plugin is gone"); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(predict().code, Code::internal);
  const auto refused = predict();
  EXPECT_EQ(refused.code, Code::unavailable);
  EXPECT_THAT(refused.message, HasSubstr("the plugin is gone"));
  network = fake_detector;
  EXPECT_EQ(predict().code, Code::unavailable) << "not before its time";
  clock->advance(seconds(1));
  EXPECT_EQ(predict().message, "");
  EXPECT_EQ(predict().message, "");
}

TEST_F(FaultsTest, WhatClientsDoWrongTakesNoModelOut) {
  for (int i = 0; i < 5; ++i) {
    begin(request("this is no image"));
    EXPECT_EQ(outcome->error().code, Code::invalid_argument);
  }
  EXPECT_EQ(predict().message, "");
  EXPECT_FALSE(registry->list().at(0).out);
}

TEST_F(FaultsTest, ARequestWhoseNetworkHangsIsAnsweredInTimeAndOnlyOnce) {
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false;
  bool open = false;
  network = [&](std::span<const TensorView> inputs) {
    std::unique_lock lock(mutex);
    inside = true;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    return fake_detector(inputs);
  };
  begin(request(picture()));
  {
    const std::jthread stuck([&] { scheduler.run_one(); });
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return inside; });
    }
    clock->advance(seconds(119));
    service.check_deadlines();
    EXPECT_EQ(completions, 0);
    clock->advance(seconds(1));
    service.check_deadlines();
    EXPECT_EQ(completions, 1);
    EXPECT_EQ(outcome->error().code, Code::deadline_exceeded);
    service.check_deadlines();
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  EXPECT_EQ(completions, 1);
}

TEST_F(FaultsTest, ARequestWhoseModelDoesNotLoadIsAnsweredInTime) {
  write_fake_detector(root.path(), "fake/2");
  std::promise<void> opened;
  network = [&, gate = opened.get_future().share()](std::span<const TensorView> inputs) {
    gate.wait();
    return fake_detector(inputs);
  };
  const auto waiting = request(picture());
  waiting->model_id = "fake/2";
  begin(waiting);
  clock->advance(seconds(120));
  service.check_deadlines();
  EXPECT_EQ(outcome->error().code, Code::deadline_exceeded);
  opened.set_value();
  registry.reset();  // waits for the load
  EXPECT_EQ(completions, 1);
}

TEST_F(FaultsTest, ACompletionThatThrowsEndsNothingElse) {
  int calls = 0;
  service.predict(request(picture()), [&](const Result<PredictionResponse>&) {
    ++calls;
    throw std::bad_alloc();
  });
  while (scheduler.run_one()) {
  }
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(predict().message, "");
}

TEST_F(FaultsTest, WorkThatThrowsAnythingIsRefused) {
  std::vector<std::string> said;
  service.admit({}, TimePoint::max(), [] { throw 42; }, [&](const Error& why) { said.push_back(why.message); });
  EXPECT_TRUE(scheduler.run_one());
  EXPECT_EQ(said, std::vector<std::string>{"preparing the request failed"});
}

TEST(AnswerCheck, LooksAtAllThatIsTold) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const vision::Detection sound{{1, 2, 3, 4}, 0.5F, 0};
  auto broken = sound;
  broken.box.y2 = kNan;
  EXPECT_TRUE(is_finite(vision::ObjectDetections{{sound, sound}}));
  EXPECT_FALSE(is_finite(vision::ObjectDetections{{sound, broken}}));
  EXPECT_FALSE(is_finite(vision::InstanceSegments{{{broken, {}}}, {}, false}));
  EXPECT_TRUE(is_finite(vision::Poses{{{sound, {{1, 2, 0.5F, 0}}}}}));
  EXPECT_FALSE(is_finite(vision::Poses{{{sound, {{1, 2, kNan, 0}}}}}));
  EXPECT_FALSE(is_finite(vision::Classification{{{0, static_cast<double>(kNan)}}}));
  EXPECT_FALSE(is_finite(vision::MultiLabelClassification{{0.5F, kNan}, {}}));
  EXPECT_TRUE(is_finite(vision::SemanticMap{}));
}

}  // namespace
}  // namespace osprey::service
