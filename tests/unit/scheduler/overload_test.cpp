// More work than is done, for long: what is taken has its turn soon. Time is the fake clock's.
#include "scheduler/overload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "recording_job.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kRoom = 100;
constexpr milliseconds kStep{25};  // one job is done in it

class WaitingJob final : public Job {
 public:
  WaitingJob(std::vector<Duration>& waits, const Clock& clock, int& refused)
      : waits_(waits), clock_(clock), refused_(refused), taken_(clock.now()) {}
  void drop(Error) noexcept override { ++refused_; }
  void run() const { waits_.push_back(clock_.now() - taken_); }

 private:
  std::vector<Duration>& waits_;
  const Clock& clock_;
  int& refused_;
  TimePoint taken_;
};

class WaitRunner final : public BatchRunner {
 public:
  void run(std::span<std::unique_ptr<Job>> batch, std::size_t) noexcept override {
    for (const auto& job : batch) static_cast<const WaitingJob&>(*job).run();
  }
};

class OverloadTest : public testing::Test {
 protected:
  OverloadTest() { clock->advance(seconds(1000)); }

  void arrive(int count) {
    for (int i = 0; i < count; ++i) lane.admit(std::make_unique<WaitingJob>(waits, *clock, refused));
  }
  /// `arrivals` a step, for `time`.
  void go_on(milliseconds time, int arrivals) {
    for (auto left = time; left > milliseconds::zero(); left -= kStep) {
      arrive(arrivals);
      scheduler.run_one();
      clock->advance(kStep);
    }
  }

  std::vector<Duration> waits;
  int refused = 0;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  Scheduler scheduler{0, clock};
  Lane lane = scheduler.add_lane({.name = "a", .max_queue = kRoom}, std::make_unique<WaitRunner>());
};

TEST_F(OverloadTest, ABurstIsTakenUpToTheQueuesEnd) {
  arrive(kRoom);
  EXPECT_EQ(refused, 0);
  arrive(1);
  EXPECT_EQ(refused, 1);
}

TEST_F(OverloadTest, UnderTenTimesTheLoadWhatIsTakenHasItsTurnSoon) {
  go_on(seconds(10), 10);
  waits.clear();
  go_on(seconds(10), 10);
  EXPECT_EQ(waits.size(), 400U) << "no turn goes unused";
  EXPECT_LE(*std::max_element(waits.begin(), waits.end()), Overload::kShortWait + 2 * kStep)
      << "a full queue takes 2.5 s";
}

TEST_F(OverloadTest, AfterItsEndTheNextIsServedWithinASecondAndBurstsAreTakenAgain) {
  go_on(seconds(10), 10);
  go_on(milliseconds(900), 0);
  EXPECT_EQ(lane.stats().queued, 0U);
  go_on(seconds(1), 0);
  refused = 0;
  arrive(kRoom);
  EXPECT_EQ(refused, 0);
}

TEST_F(OverloadTest, ClientsThatWaitForTheirAnswerAreNeverRefused) {
  arrive(80);  // as many as ask again when they have their answer
  go_on(seconds(60), 1);
  EXPECT_EQ(refused, 0);
}

TEST_F(OverloadTest, ClientsThatAskAgainAtOnceAreTakenAgainInTime) {
  go_on(seconds(10), 10);
  // 60 that ask again as soon as they are answered or refused: the queue has room for them.
  const auto ask_again = [&](Duration time) {
    for (auto left = time; left > Duration::zero(); left -= kStep) {
      arrive(static_cast<int>(60 - lane.stats().queued));
      scheduler.run_one();
      clock->advance(kStep);
    }
  };
  ask_again(Overload::kLongest);
  refused = 0;
  ask_again(seconds(5));
  EXPECT_EQ(refused, 0);
}

TEST_F(OverloadTest, AStandstillDoesNotShutTheDoor) {
  go_on(seconds(5), 10);
  clock->advance(seconds(5));  // nothing is run
  go_on(seconds(5), 10);
  waits.clear();
  go_on(seconds(5), 10);
  EXPECT_EQ(waits.size(), 200U);
}

TEST_F(OverloadTest, StepsOfWhatWasTakenFindRoom) {
  go_on(seconds(10), 10);
  arrive(1);  // fills what the last step has left
  refused = 0;
  arrive(1);
  ASSERT_EQ(refused, 1);
  lane.submit(std::make_unique<WaitingJob>(waits, *clock, refused));
  EXPECT_EQ(refused, 1);
}

}  // namespace
}  // namespace osprey::scheduler
