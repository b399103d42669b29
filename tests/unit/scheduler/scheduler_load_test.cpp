// How busy the threads are and how long jobs wait, of the last seconds. Time is the fake clock's.
#include <gtest/gtest.h>

#include "recording_job.hpp"
#include "scheduler/load_window.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Without threads it counts as one with one thread.
class SchedulerLoadTest : public testing::Test {
 protected:
  SchedulerLoadTest() { clock->advance(seconds(1000)); }

  /// A lane whose batches take `time`.
  Lane lane(const std::string& name, Duration time) {
    auto runner = std::make_unique<RecordingRunner>(log, [this, time] { clock->advance(time); });
    return scheduler.add_lane({.name = name}, std::move(runner));
  }
  static void submit(Lane& to) { to.submit(std::make_unique<RecordingJob>("job", std::make_shared<Fate>())); }
  [[nodiscard]] double utilization() const { return scheduler.threads().utilization; }

  std::vector<std::string> log;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Scheduler scheduler{0, clock};
};

TEST_F(SchedulerLoadTest, IsNothingForAnIdleScheduler) {
  auto idle = lane("idle", milliseconds(0));
  EXPECT_EQ(utilization(), 0);
  EXPECT_EQ(idle.stats().utilization, 0);
  EXPECT_EQ(idle.stats().recent_wait_seconds, 0);
}

TEST_F(SchedulerLoadTest, IsTheShareOfTheTimeInWhichBatchesRanOfEachLaneAndOfAll) {
  auto a = lane("a", milliseconds(100));
  auto b = lane("b", milliseconds(300));
  for (int second = 0; second < 30; ++second) {
    submit(a);
    submit(b);
    while (scheduler.run_one()) {
    }
    clock->advance(milliseconds(600));
  }
  EXPECT_NEAR(a.stats().utilization, 0.1, 0.01);
  EXPECT_NEAR(b.stats().utilization, 0.3, 0.01);
  EXPECT_NEAR(utilization(), 0.4, 0.01);
  EXPECT_NEAR(a.stats().busy_seconds, 3, 1e-9);
  EXPECT_NEAR(b.stats().busy_seconds, 9, 1e-9);
}

TEST_F(SchedulerLoadTest, CountsABatchThatRunsAlready) {
  double meanwhile = 0;
  double of_lane = 0;
  auto runner = std::make_unique<RecordingRunner>(log, [&] {
    clock->advance(seconds(60));
    meanwhile = utilization();
    of_lane = scheduler.stats().front().utilization;
  });
  auto long_lane = scheduler.add_lane({.name = "long"}, std::move(runner));
  submit(long_lane);
  scheduler.run_one();
  EXPECT_NEAR(meanwhile, 1, 1e-9);
  EXPECT_NEAR(of_lane, 1, 1e-9);
  EXPECT_NEAR(utilization(), 1, 1e-9);
  EXPECT_NEAR(long_lane.stats().busy_seconds, 60, 1e-9);
}

TEST_F(SchedulerLoadTest, ForgetsWhatIsLongAgo) {
  auto a = lane("a", seconds(10));
  submit(a);
  scheduler.run_one();
  EXPECT_GT(utilization(), 0.6);
  clock->advance(seconds(LoadWindow::kSeconds));
  EXPECT_EQ(utilization(), 0);
  EXPECT_EQ(a.stats().utilization, 0);
  EXPECT_EQ(a.stats().recent_wait_seconds, 0);
}

TEST_F(SchedulerLoadTest, KeepsTheWorkOfALaneThatIsGone) {
  {
    auto a = lane("a", seconds(10));
    submit(a);
    scheduler.run_one();
  }
  EXPECT_GT(utilization(), 0.6);
}

TEST_F(SchedulerLoadTest, TellsTheMeanWaitOfWhatWasBegun) {
  auto a = lane("a", milliseconds(0));
  submit(a);
  clock->advance(milliseconds(100));
  submit(a);
  clock->advance(milliseconds(100));
  while (scheduler.run_one()) {
  }
  EXPECT_NEAR(a.stats().recent_wait_seconds, 0.15, 1e-9);  // 0.2 and 0.1
  EXPECT_NEAR(a.stats().wait_seconds, 0.3, 1e-9);
}

TEST_F(SchedulerLoadTest, TellsTheAgeOfWhatWaitsThoughNothingIsBegun) {
  auto a = lane("a", milliseconds(0));
  submit(a);
  clock->advance(seconds(40));
  EXPECT_NEAR(a.stats().recent_wait_seconds, 40, 1e-9);
}

TEST(LoadWindow, SplitsABatchOverTheSecondsThatItRan) {
  LoadWindow window;
  const auto at = [](double second) {
    return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(second)));
  };
  window.ran(at(100.5), at(103.25));
  EXPECT_EQ(window.sums(at(103.25)).busy, milliseconds(2750));
  // 100 is out of the window that begins with second 101.
  EXPECT_EQ(window.sums(at(115.5)).busy, milliseconds(2250));
  EXPECT_EQ(window.sums(at(117.0)).busy, milliseconds(250));
}

}  // namespace
}  // namespace osprey::scheduler
