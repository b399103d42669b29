// Without threads: run_one() and a fake clock make every order certain.
#include "scheduler/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recording_job.hpp"

namespace osprey::scheduler {
namespace {

using testing::ElementsAre;

class SchedulerTest : public testing::Test {
 protected:
  Lane lane(LaneOptions options, std::function<void()> during = {}) {
    return scheduler.add_lane(std::move(options), std::make_unique<RecordingRunner>(log, std::move(during)));
  }
  std::shared_ptr<Fate> submit(Lane& to, const std::string& name, bool cancelled = false,
                               TimePoint expires = TimePoint::max()) {
    auto fate = std::make_shared<Fate>();
    auto job = std::make_unique<RecordingJob>(name, fate);
    job->is_cancelled = cancelled;
    job->expires = expires;
    to.submit(std::move(job));
    return fate;
  }
  void run_all() {
    while (scheduler.run_one()) {
    }
  }

  std::vector<std::string> log;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Scheduler scheduler{0, clock};
};

TEST_F(SchedulerTest, RunsJobsOfALaneInTheirOrder) {
  auto a = lane({.name = "a"});
  submit(a, "1");
  submit(a, "2");
  submit(a, "3");
  run_all();
  EXPECT_THAT(log, ElementsAre("1", "2", "3"));
}

TEST_F(SchedulerTest, ABatchTakesWhatWaitsAndNoMoreThanItsLimit) {
  auto a = lane({.name = "a", .max_batch = 2});
  submit(a, "1");
  submit(a, "2");
  submit(a, "3");
  run_all();
  EXPECT_THAT(log, ElementsAre("1,2", "3"));
  EXPECT_EQ(a.stats().jobs_run, 3U);
  EXPECT_EQ(a.stats().batches_run, 2U);
}

TEST_F(SchedulerTest, RefusesAtOnceWhenTheQueueIsFull) {
  auto a = lane({.name = "a", .max_queue = 2});
  submit(a, "1");
  submit(a, "2");
  const auto refused = submit(a, "3");
  EXPECT_EQ(refused->drops, 1);
  EXPECT_EQ(refused->why.code, Code::overloaded);
  EXPECT_EQ(a.stats().refused, 1U);
  run_all();
  EXPECT_THAT(log, ElementsAre("1", "2"));
  submit(a, "4");  // room again
  run_all();
  EXPECT_EQ(log.back(), "4");
}

TEST_F(SchedulerTest, LanesTakeTurnsSoThatABusyOneStarvesNone) {
  auto busy = lane({.name = "busy"});
  auto quiet = lane({.name = "quiet"});
  for (const char* name : {"b1", "b2", "b3", "b4"}) submit(busy, name);
  submit(quiet, "q1");
  run_all();
  EXPECT_THAT(log, ElementsAre("b1", "q1", "b2", "b3", "b4"));
}

TEST_F(SchedulerTest, FinishingLanesGoFirst) {
  auto first = lane({.name = "prepare"});
  auto last = lane({.name = "engine", .finishing = true});
  submit(first, "p1");
  submit(first, "p2");
  submit(last, "e1");
  run_all();
  EXPECT_THAT(log, ElementsAre("e1", "p1", "p2"));
}

TEST_F(SchedulerTest, DropsCancelledJobsWithoutRunningThem) {
  auto a = lane({.name = "a"});
  const auto gone = submit(a, "1", true);
  submit(a, "2");
  run_all();
  EXPECT_THAT(log, ElementsAre("2"));
  EXPECT_EQ(gone->drops, 1);
  EXPECT_EQ(gone->runs, 0);
  EXPECT_EQ(gone->why.code, Code::cancelled);
}

TEST_F(SchedulerTest, DropsJobsWhoseDeadlineHasPassed) {
  auto a = lane({.name = "a"});
  const auto late = submit(a, "late", false, clock->now() + std::chrono::seconds(1));
  submit(a, "in time", false, clock->now() + std::chrono::seconds(2));
  clock->advance(std::chrono::seconds(1));
  run_all();
  EXPECT_THAT(log, ElementsAre("in time"));
  EXPECT_EQ(late->why.code, Code::overloaded);
}

TEST_F(SchedulerTest, ALaneNeverRunsMoreBatchesThanItsConcurrency) {
  int nested = 0;
  Lane* itself = nullptr;
  auto a = lane({.name = "a"}, [&] {
    if (nested++ == 0) {
      submit(*itself, "2");
      EXPECT_FALSE(scheduler.run_one()) << "ran a second batch beside the first";
    }
  });
  itself = &a;
  submit(a, "1");
  run_all();
  EXPECT_THAT(log, ElementsAre("1", "2"));
}

TEST_F(SchedulerTest, ClosingALaneDropsWhatWaits) {
  std::shared_ptr<Fate> fate;
  {
    auto a = lane({.name = "a"});
    fate = submit(a, "1");
  }
  EXPECT_EQ(fate->drops, 1);
  EXPECT_EQ(fate->why.code, Code::unavailable);
  EXPECT_FALSE(scheduler.run_one());
}

TEST_F(SchedulerTest, ALaneMayBeClosedByItsOwnLastJob) {
  std::unique_ptr<Lane> a;
  a = std::make_unique<Lane>(lane({.name = "a"}, [&] { a.reset(); }));
  const auto fate = submit(*a, "1");
  run_all();
  EXPECT_EQ(fate->runs, 1);
}

TEST_F(SchedulerTest, StoppedItDropsWhatWaitsAndRefusesWhatComes) {
  auto a = lane({.name = "a"});
  const auto waiting = submit(a, "1");
  scheduler.stop();
  const auto late = submit(a, "2");
  EXPECT_EQ(waiting->drops, 1);
  EXPECT_EQ(late->drops, 1);
  EXPECT_EQ(late->why.code, Code::unavailable);
  EXPECT_FALSE(scheduler.run_one());
}

TEST_F(SchedulerTest, ReportsWhatWaitsByLane) {
  auto a = lane({.name = "a"});
  submit(a, "1");
  const auto stats = scheduler.stats();
  ASSERT_EQ(stats.size(), 1U);
  EXPECT_EQ(stats[0].name, "a");
  EXPECT_EQ(stats[0].queued, 1U);
}

}  // namespace
}  // namespace osprey::scheduler
