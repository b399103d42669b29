// Batches that hang, on real threads and the fake clock: others go on, and nothing waits in vain.
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "recording_job.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {
namespace {

using std::chrono::seconds;

/// Waits until it holds, for what happens on the scheduler's threads.
template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 10'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

/// A runner whose batches wait while its gate is closed.
class GateRunner final : public BatchRunner {
 public:
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    std::atomic<int> inside{0};
    std::atomic<int> overdue{0};
    std::atomic<int> back{0};
    void set(bool to) {
      const std::lock_guard lock(mutex);
      open = to;
      changed.notify_all();
    }
  };
  GateRunner(Gate& gate, bool closes_lane) : gate_(gate), closes_lane_(closes_lane) {}

  void run(std::span<std::unique_ptr<Job>> batch, std::size_t /*demand*/) noexcept override {
    ++gate_.inside;
    {
      std::unique_lock lock(gate_.mutex);
      gate_.changed.wait(lock, [&] { return gate_.open; });
    }
    for (const auto& job : batch) static_cast<RecordingJob&>(*job).finish();
    --gate_.inside;
  }
  std::optional<Error> overdue(Duration) noexcept override {
    ++gate_.overdue;
    if (!closes_lane_) return std::nullopt;
    return Error{Code::unavailable, "it hangs"};
  }
  void came_back() noexcept override { ++gate_.back; }

 private:
  Gate& gate_;
  bool closes_lane_;
};

class SchedulerHangTest : public testing::Test {
 protected:
  ~SchedulerHangTest() override {
    gate.set(true);
    scheduler.stop();
  }
  std::shared_ptr<Fate> submit(Lane& lane, TimePoint deadline = TimePoint::max()) {
    auto fate = std::make_shared<Fate>();
    auto job = std::make_unique<RecordingJob>("j", fate);
    job->expires = deadline;
    lane.submit(std::move(job));
    return fate;
  }
  Lane add(bool finishing, bool closes_lane = true, std::size_t concurrency = 1) {
    return scheduler.add_lane({.name = "hangs", .concurrency = concurrency, .max_queue = 50, .finishing = finishing},
                              std::make_unique<GateRunner>(gate, closes_lane));
  }
  void hang(Lane& lane, int count = 1) {
    for (int i = 0; i < count; ++i) stuck.push_back(submit(lane));
    ASSERT_TRUE(soon([&] { return gate.inside == count; }));
  }

  static constexpr seconds kHungAfter{30};
  GateRunner::Gate gate;
  std::vector<std::string> log;
  std::vector<std::shared_ptr<Fate>> stuck;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Scheduler scheduler{1, clock, kHungAfter};
};

TEST_F(SchedulerHangTest, AnotherThreadTakesThePlaceOfOneThatHangsAndRetiresWhenItReturns) {
  auto hangs = add(true);
  auto sound = scheduler.add_lane({.name = "b"}, std::make_unique<RecordingRunner>(log));
  hang(hangs);
  const auto other = submit(sound);
  clock->advance(kHungAfter - seconds(1));
  scheduler.check();
  EXPECT_EQ(other->runs, 0) << "it may end yet";
  EXPECT_EQ(scheduler.threads().stuck, 0U);
  clock->advance(seconds(1));
  scheduler.check();
  EXPECT_TRUE(soon([&] { return other->runs == 1; }));
  EXPECT_EQ(scheduler.threads().alive, 2U);
  EXPECT_EQ(scheduler.threads().stuck, 1U);
  EXPECT_TRUE(scheduler.threads().any_free());
  scheduler.check();
  EXPECT_EQ(gate.overdue, 1) << "once for each batch";
  EXPECT_EQ(scheduler.threads().alive, 2U);

  gate.set(true);
  EXPECT_TRUE(soon([&] { return scheduler.threads().alive == 1; }));
  EXPECT_EQ(scheduler.threads().stuck, 0U);
  EXPECT_EQ(gate.back, 1);
  EXPECT_EQ(stuck[0]->runs, 1);
  EXPECT_EQ(stuck[0]->drops, 0);
  scheduler.check();  // joins it
  const auto after = submit(sound);
  EXPECT_TRUE(soon([&] { return after->runs == 1; }));
}

TEST_F(SchedulerHangTest, WhatWaitsInALaneThatHangsIsDroppedWithTheRunnersReason) {
  auto hangs = add(true);
  hang(hangs);
  const auto waiting = submit(hangs);
  clock->advance(kHungAfter);
  scheduler.check();
  EXPECT_EQ(waiting->drops, 1);
  EXPECT_EQ(waiting->why.message, "it hangs");
  EXPECT_EQ(hangs.stats().queued, 0U);
}

TEST_F(SchedulerHangTest, ALaneWhoseRunnerGoesOnHasItsPlaceBack) {
  auto hangs = add(false, false);
  hang(hangs);
  const auto next = submit(hangs);
  clock->advance(kHungAfter);
  scheduler.check();
  EXPECT_TRUE(soon([&] { return gate.inside == 2; })) << "though its concurrency is 1";
  gate.set(true);
  EXPECT_TRUE(soon([&] { return next->runs == 1; }));
}

TEST_F(SchedulerHangTest, StandInsAreBounded) {
  auto hangs = add(false, false, 1000);
  for (int i = 0; i < 40; ++i) stuck.push_back(submit(hangs));
  for (int round = 0; round < 20; ++round) {
    const auto before = gate.inside.load();
    clock->advance(kHungAfter);
    scheduler.check();
    if (!soon([&] { return gate.inside > before || scheduler.threads().alive == 9; })) break;
  }
  ASSERT_TRUE(soon([&] { return gate.inside == 9; }));
  clock->advance(kHungAfter);
  scheduler.check();
  EXPECT_EQ(scheduler.threads().alive, 9U) << "1 and 8 more";
  EXPECT_FALSE(scheduler.threads().any_free());
  gate.set(true);
  EXPECT_TRUE(soon([&] { return scheduler.threads().alive == 1 && hangs.stats().jobs_run == 40; }));
}

// The one thread hangs: that the rest is dropped all the same is the watch's work.
TEST_F(SchedulerHangTest, WhatWaitsPastItsDeadlineIsDroppedThoughNoThreadIsFree) {
  auto hangs = add(true);
  hang(hangs);
  auto sound = scheduler.add_lane({.name = "b"}, std::make_unique<RecordingRunner>(log));
  const auto late = submit(sound, clock->now() + seconds(5));
  const auto patient = submit(sound);
  clock->advance(seconds(4));
  scheduler.check();
  EXPECT_EQ(late->drops, 0);
  clock->advance(seconds(1));
  scheduler.check();
  EXPECT_EQ(late->drops, 1);
  EXPECT_EQ(late->why.code, Code::overloaded);
  EXPECT_EQ(patient->drops, 0);
  EXPECT_EQ(sound.stats().queued, 1U);
}

TEST(SchedulerSlowLanes, NobodyWaitsForALaneThatIsAboutToHangAndItTakesNoMoreThanMayBeBegun) {
  GateRunner::Gate gate;
  std::vector<std::string> log;
  const auto clock = std::make_shared<FakeClock>();
  Scheduler scheduler(2, clock, seconds(30));
  auto hangs = scheduler.add_lane({.name = "hangs", .max_queue = 50, .finishing = true},
                                  std::make_unique<GateRunner>(gate, true));
  auto begins = scheduler.add_lane({.name = "begins"}, std::make_unique<RecordingRunner>(log));
  std::vector<std::shared_ptr<Fate>> fates;
  const auto submit = [&](Lane& lane) {
    fates.push_back(std::make_shared<Fate>());
    lane.submit(std::make_unique<RecordingJob>("j", fates.back()));
    return fates.back();
  };
  (void)submit(hangs);
  ASSERT_TRUE(soon([&] { return gate.inside == 1; }));
  (void)submit(hangs);
  (void)submit(hangs);  // two wait: nothing more is begun
  const auto other = submit(begins);
  clock->advance(seconds(9));
  scheduler.check();
  EXPECT_EQ(other->runs, 0);
  clock->advance(seconds(1));
  scheduler.check();
  EXPECT_TRUE(soon([&] { return other->runs == 1; }));
  const auto third = submit(hangs);
  EXPECT_EQ(third->drops, 1);
  EXPECT_EQ(third->why.code, Code::overloaded);
  gate.set(true);
  scheduler.stop();
}

}  // namespace
}  // namespace osprey::scheduler
