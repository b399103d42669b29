// Memory that is not there while a request is worked on: that request fails, the next goes on. A program of its own, as
// it replaces operator new.
#include <cstdlib>
#include <future>
#include <limits>
#include <new>
#include <optional>

#include <gtest/gtest.h>

#include "fake_models.hpp"
#include "image/encode.hpp"
#include "service/prediction_service.hpp"

namespace {

/// This thread's allocations of more bytes fail.
thread_local std::size_t largest = std::numeric_limits<std::size_t>::max();

}  // namespace

void* operator new(std::size_t bytes) {
  if (bytes > largest) throw std::bad_alloc();
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace osprey::service {
namespace {

std::string picture(int side) {
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(side * side), 200);
  const auto bytes = image::encode_png_grey(pixels, {side, side});
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

TEST(OutOfMemory, ARequestForWhichThereIsNoneFailsAndTheNextGoesOn) {
  const TemporaryFolder root;
  write_fake_detector(root.path(), "fake/1");
  const auto clock = std::make_shared<FakeClock>();
  scheduler::Scheduler scheduler(0, clock);
  const auto engine = engine::create_fake_engine(fake_detector_graph(), fake_detector);
  registry::ModelRegistry registry({}, std::move(registry::ModelFolder::open(root.path())).value(),
                                   registry::LoaderContext{*engine, scheduler, clock, make_null_log(), {}});
  ServiceOptions options;
  PredictionService service(options, registry, scheduler, clock);
  std::promise<void> loaded;
  registry.acquire({"fake/1", "/p", {}}, [&](const Result<registry::ModelLease>&) { loaded.set_value(); });
  loaded.get_future().wait();

  const auto predict = [&](int side, std::size_t most) {
    const auto bytes = std::make_shared<std::string>(picture(side));
    auto request = std::make_shared<PredictionRequest>();
    request->model_id = "fake/1";
    request->images.push_back({ImageSource::Kind::encoded, *bytes});
    request->keep_alive = bytes;
    std::optional<Error> failure;
    int completions = 0;
    const auto completion = [&](const Result<PredictionResponse>& result) {
      ++completions;
      if (!result) failure = result.error();
    };
    // As a route does: whatever is thrown on a compute thread is caught at its border.
    service.admit(
        {}, TimePoint::max(), [&] { service.predict(request, completion); }, [&](const Error& why) { failure = why; });
    largest = most;
    while (scheduler.run_one()) {
    }
    largest = std::numeric_limits<std::size_t>::max();
    return failure;
  };
  constexpr std::size_t kTensor = 3 * kFakeInput * kFakeInput * sizeof(float);
  const auto no_pixels = predict(300, 300 * 300 * 3 - 1);
  ASSERT_TRUE(no_pixels);
  EXPECT_EQ(no_pixels->code, Code::overloaded) << no_pixels->message;
  const auto no_tensor = predict(40, kTensor - 1);
  ASSERT_TRUE(no_tensor);
  EXPECT_EQ(no_tensor->code, Code::internal) << no_tensor->message;
  for (const std::size_t most : {4000U, 1000U, 300U, 100U}) {
    const auto failure = predict(40, most);
    ASSERT_TRUE(failure) << most;
    EXPECT_TRUE(failure->code == Code::internal || failure->code == Code::overloaded) << most << failure->message;
  }
  EXPECT_FALSE(predict(300, std::numeric_limits<std::size_t>::max()));
  EXPECT_FALSE(registry.list().at(0).out) << "no fault of the model";
}

}  // namespace
}  // namespace osprey::service
