// A network under load on real threads: forms change while it runs, and every image gets its one answer.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "engine/fake/fake_engine.hpp"
#include "fake_models.hpp"
#include "registry/model_runner.hpp"

namespace osprey::registry {
namespace {

struct Answer {
  std::atomic<int> ends{0};
  std::atomic<float> value{0};
};

class CountedJob final : public InferenceJob {
 public:
  CountedJob(float value, Answer& answer) : input_(1, value), answer_(answer) {}
  void drop(Error /*why*/) noexcept override { ++answer_.ends; }
  [[nodiscard]] std::span<const float> input() const override { return input_; }
  [[nodiscard]] Status complete(std::span<const TensorView> outputs, std::size_t index) noexcept override {
    answer_.value = outputs[0].data[index];
    ++answer_.ends;
    return {};
  }

 private:
  std::vector<float> input_;
  Answer& answer_;
};

TEST(ModelRunnerThreads, EveryImageIsAnsweredOnceWhileTheFormsChange) {
  constexpr std::size_t kJobs = 3000;
  constexpr int kCores = 3;
  const TemporaryFolder folder;
  write_file(folder.path() / "x.onnx", "");
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  const auto engine = engine::create_fake_engine(
      {{{"in", {1, 1, 1, 1}}}, {{"out", {1}}}, {}, "f32"}, [&](std::span<const TensorView> inputs) {
        const int now = ++running;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        std::vector<engine::FakeOutput> outputs{{{1}, {2 * inputs[0].data[0]}}};
        --running;
        return Result<std::vector<engine::FakeOutput>>(std::move(outputs));
      });
  const std::shared_ptr<engine::Graph> graph = std::move(engine->read(folder.path() / "x.onnx")).value();
  auto runner = std::move(ModelRunner::create(*graph->compile({}), {1, 1, 1}, {1, kCores}, [graph](int streams) {
                  return graph->compile({.streams = streams});
                })).value();
  NetworkForms& forms = runner->forms();

  std::vector<Answer> answers(kJobs);
  scheduler::Scheduler scheduler(kCores, std::make_shared<SteadyClock>());
  {
    auto lane = scheduler.add_lane({.name = "a", .concurrency = kCores, .max_queue = kJobs, .finishing = true},
                                   std::move(runner));
    {
      std::vector<std::jthread> submitters;
      for (std::size_t s = 0; s < 2; ++s) {
        submitters.emplace_back([&, s] {
          for (std::size_t i = s; i < kJobs; i += 2) {
            lane.submit(std::make_unique<CountedJob>(static_cast<float>(i), answers[i]));
          }
        });
      }
    }
    while (lane.stats().jobs_run < kJobs || lane.stats().running > 0) std::this_thread::yield();
    forms.wait_for_compiler();
    EXPECT_EQ(forms.compiled(), 2U);
  }
  EXPECT_LE(most, kCores);
  for (std::size_t i = 0; i < kJobs; ++i) {
    EXPECT_EQ(answers[i].ends, 1);
    EXPECT_EQ(answers[i].value, 2 * static_cast<float>(i));
  }
}

}  // namespace
}  // namespace osprey::registry
