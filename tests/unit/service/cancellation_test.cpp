// A client that leaves, or a deadline that passes, at every step of a request's way.
#include <atomic>
#include <future>
#include <optional>

#include <gtest/gtest.h>

#include "image/encode.hpp"
#include "service_fixture.hpp"

namespace osprey::service {
namespace {

std::string white_picture() {
  const std::vector<std::uint8_t> pixels(64 * 48, 255);
  const auto bytes = image::encode_png_grey(pixels, {64, 48});
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

class CancellationTest : public ServiceFixture {
 protected:
  static constexpr std::size_t kImages = 5;

  CancellationTest() {
    network = [this](std::span<const TensorView> inputs) {
      ++runs;
      if (gate.valid()) gate.wait();
      return fake_detector(inputs);
    };
  }
  void load_and_count() {
    load();
    runs = 0;  // but for the warm-up
  }
  std::shared_ptr<PredictionRequest> request() {
    auto made = std::make_shared<PredictionRequest>();
    made->model_id = "fake/1";
    made->images.assign(kImages, {ImageSource::Kind::encoded, picture});
    return made;
  }
  /// A request on its way, and how it ended.
  struct Sent {
    std::shared_ptr<PredictionRequest> request;
    std::atomic<int> completions = 0;
    std::optional<Code> error;
  };
  std::shared_ptr<Sent> send() {
    auto sent = std::make_shared<Sent>();
    sent->request = request();
    service.admit(
        sent->request->cancel, TimePoint::max(),
        [this, sent] {
          service.predict(sent->request, [sent](Result<PredictionResponse> result) {
            if (!result) sent->error = result.error().code;
            ++sent->completions;
          });
        },
        [sent](Error why) {
          sent->error = why.code;
          ++sent->completions;
        });
    return sent;
  }

  const std::string picture = white_picture();
  std::atomic<int> runs = 0;
  std::shared_future<void> gate;  // where it is valid, the network waits for it
};

TEST_F(CancellationTest, AtEveryStepTheRequestEndsOnceAndTheNetworkRunsNoMore) {
  load_and_count();
  std::size_t steps = 0;
  for (bool whole = false; !whole; ++steps) {
    ASSERT_LT(steps, 100U);
    const auto sent = send();
    runs = 0;
    for (std::size_t i = 0; i < steps; ++i) whole = !scheduler.run_one();
    const int runs_before = runs;
    sent->request->cancel.cancel();
    run_dry();
    EXPECT_EQ(sent->completions, 1) << "left after " << steps << " steps";
    EXPECT_EQ(runs, runs_before) << "left after " << steps << " steps";
    if (whole) {
      EXPECT_FALSE(sent->error) << "it was answered before the client left";
    } else if (runs_before < static_cast<int>(kImages)) {
      EXPECT_EQ(sent->error, Code::cancelled) << steps;
    }
  }
  EXPECT_GT(steps, 2 * kImages) << "each image is prepared and run";
}

TEST_F(CancellationTest, ADeadlineThatPassesAtAnyStepEndsTheRequestOnce) {
  load_and_count();
  for (std::size_t steps = 1; steps <= kImages; ++steps) {
    const auto sent = send();
    sent->request->deadline = clock->now() + std::chrono::seconds(5);
    for (std::size_t i = 0; i < steps; ++i) scheduler.run_one();
    clock->advance(std::chrono::seconds(6));
    run_dry();
    EXPECT_EQ(sent->completions, 1) << steps;
    EXPECT_EQ(sent->error, Code::overloaded) << steps;
  }
}

TEST_F(CancellationTest, WhileTheModelLoadsTheRequestEndsOnceTheModelIsThereWithoutARun) {
  std::promise<void> open;
  gate = open.get_future().share();
  const auto sent = send();
  ASSERT_TRUE(scheduler.run_one());  // asks for the model, whose warm-up waits
  sent->request->cancel.cancel();
  open.set_value();
  load_and_count();
  run_dry();
  EXPECT_EQ(sent->completions, 1);
  EXPECT_EQ(sent->error, Code::cancelled);
  EXPECT_EQ(runs, 0);
}

TEST_F(CancellationTest, OthersAreNotHeldUpByOneThatLeaves) {
  load_and_count();
  const auto leaves = send();
  const auto stays = send();
  scheduler.run_one();
  scheduler.run_one();
  leaves->request->cancel.cancel();
  run_dry();
  EXPECT_EQ(leaves->completions, 1);
  EXPECT_EQ(stays->completions, 1);
  EXPECT_FALSE(stays->error);
}

}  // namespace
}  // namespace osprey::service
