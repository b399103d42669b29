// With threads: every job meets exactly one end, whatever is going on.
#include <thread>

#include <gtest/gtest.h>

#include "recording_job.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {
namespace {

class CountingRunner final : public BatchRunner {
 public:
  explicit CountingRunner(std::atomic<int>& most) : most_(most) {}
  void run(std::span<std::unique_ptr<Job>> batch, std::size_t /*demand*/) noexcept override {
    const int now = ++running_;
    int seen = most_.load();
    while (now > seen && !most_.compare_exchange_weak(seen, now)) {
    }
    for (const auto& job : batch) static_cast<RecordingJob&>(*job).finish();
    --running_;
  }

 private:
  std::atomic<int>& most_;
  std::atomic<int> running_{0};
};

TEST(SchedulerThreads, EveryJobIsRunOrDroppedExactlyOnceWhileItStops) {
  constexpr int kSubmitters = 4;
  constexpr int kJobs = 2000;
  std::vector<std::shared_ptr<Fate>> fates;
  for (int i = 0; i < kSubmitters * kJobs; ++i) fates.push_back(std::make_shared<Fate>());
  std::atomic<int> most{0};
  Scheduler scheduler(3, std::make_shared<SteadyClock>());
  auto a = scheduler.add_lane({.name = "a", .concurrency = 2, .max_batch = 4, .max_queue = 50},
                              std::make_unique<CountingRunner>(most));
  auto b =
      scheduler.add_lane({.name = "b", .max_queue = 50, .finishing = true}, std::make_unique<CountingRunner>(most));
  {
    std::vector<std::jthread> submitters;
    for (int s = 0; s < kSubmitters; ++s) {
      submitters.emplace_back([&, s] {
        for (int i = 0; i < kJobs; ++i) {
          auto job = std::make_unique<RecordingJob>("j", fates[static_cast<std::size_t>(s * kJobs + i)]);
          job->is_cancelled = i % 17 == 0;
          (i % 2 == 0 ? a : b).submit(std::move(job));
          if (s == 0 && i == kJobs / 2) scheduler.stop();
        }
      });
    }
  }
  for (const auto& fate : fates) EXPECT_EQ(fate->runs + fate->drops, 1);
  EXPECT_LE(most, 2);
}

TEST(SchedulerThreads, RunsEverythingThatFitsTheQueue) {
  std::atomic<int> most{0};
  Scheduler scheduler(2, std::make_shared<SteadyClock>());
  auto a = scheduler.add_lane({.name = "a", .max_queue = 1000}, std::make_unique<CountingRunner>(most));
  std::vector<std::shared_ptr<Fate>> fates;
  for (int i = 0; i < 1000; ++i) {
    fates.push_back(std::make_shared<Fate>());
    a.submit(std::make_unique<RecordingJob>("j", fates.back()));
  }
  while (a.stats().jobs_run < 1000 || a.stats().running > 0) std::this_thread::yield();
  for (const auto& fate : fates) EXPECT_EQ(fate->runs, 1);
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace osprey::scheduler
