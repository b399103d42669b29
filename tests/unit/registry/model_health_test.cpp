#include "registry/model_health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class ModelHealthTest : public testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i) health.failed("it is broken");
  }
  bool is_granted() { return !health.ask().refusal; }
  /// Whether it is refused until just before `pause` is over, and then lets one through.
  void expect_tried_after(Duration pause) {
    clock->advance(pause - milliseconds(1));
    EXPECT_FALSE(is_granted()) << "before " << pause.count();
    clock->advance(milliseconds(1));
    EXPECT_TRUE(is_granted()) << "after " << pause.count();
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  ModelHealth health{"a/1", clock, make_null_log()};
};

TEST_F(ModelHealthTest, ThreeFaultsInARowTakeTheModelOut) {
  fail(2);
  EXPECT_TRUE(is_granted());
  EXPECT_FALSE(health.out());
  fail(1);
  EXPECT_TRUE(health.is_out());
  const auto refusal = health.ask().refusal;
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, Code::unavailable);
  EXPECT_EQ(refusal->message, "model a/1 is out of service (it is broken); it is tried again in 1 s");
  EXPECT_EQ(health.out()->reason, "it is broken");
  EXPECT_EQ(health.out()->retry_seconds, 1);
  EXPECT_EQ(health.failures(), 3U);
}

TEST_F(ModelHealthTest, ASuccessBetweenThemBeginsTheCountAnew) {
  for (int i = 0; i < 5; ++i) {
    fail(2);
    health.succeeded();
  }
  EXPECT_TRUE(is_granted());
}

TEST_F(ModelHealthTest, OneRequestIsLetThroughAfterThePauseAndItsSuccessTakesTheModelInAgain) {
  fail(3);
  expect_tried_after(seconds(1));
  EXPECT_FALSE(is_granted()) << "one at a time";
  EXPECT_TRUE(health.out()) << "not before it has run";
  EXPECT_FALSE(health.is_out()) << "it may run";
  health.succeeded();
  EXPECT_FALSE(health.out());
  EXPECT_TRUE(is_granted());
  fail(2);
  EXPECT_TRUE(is_granted()) << "as good as new";
  fail(1);
  expect_tried_after(seconds(1));
}

TEST_F(ModelHealthTest, EachFailedTrialDoublesThePauseUpToAMinute) {
  fail(3);
  for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
    expect_tried_after(seconds(pause));
    fail(1);
  }
}

TEST_F(ModelHealthTest, ATrialThatNeverRunsIsFollowedByAnother) {
  fail(3);
  expect_tried_after(seconds(1));  // its image is none, say
  expect_tried_after(seconds(1));
}

TEST_F(ModelHealthTest, FaultsOfRunsThatHadBegunDoNotLengthenThePause) {
  fail(8);
  expect_tried_after(seconds(1));
}

TEST_F(ModelHealthTest, ARunThatHangsTakesItOutAtOnceAndItIsLoadedAnew) {
  health.hung(seconds(30));
  EXPECT_TRUE(health.is_out());
  EXPECT_THAT(health.refusal().message, HasSubstr("has not ended after 30 s"));
  clock->advance(milliseconds(999));
  EXPECT_FALSE(health.ask().repair);
  clock->advance(milliseconds(1));
  const auto admission = health.ask();
  EXPECT_TRUE(admission.refusal);
  EXPECT_TRUE(admission.repair);
  clock->advance(seconds(100));
  EXPECT_FALSE(health.ask().repair) << "one at a time";
  health.repair_failed("no memory");
  EXPECT_EQ(health.out()->reason, "no memory");
  clock->advance(seconds(2));
  EXPECT_TRUE(health.ask().repair);
}

TEST_F(ModelHealthTest, ASuccessOnAnotherStreamDoesNotHideTheRunThatHangs) {
  health.hung(seconds(30));
  health.succeeded();
  EXPECT_TRUE(health.out());
}

TEST_F(ModelHealthTest, ARunThatComesBackIsFollowedByATrial) {
  health.hung(seconds(30));
  health.came_back();
  EXPECT_TRUE(health.out());
  EXPECT_TRUE(is_granted());
  health.succeeded();
  EXPECT_FALSE(health.out());
}

TEST_F(ModelHealthTest, ARunMayComeBackBeforeItIsToldToHang) {
  health.came_back();
  health.hung(seconds(30));
  EXPECT_TRUE(is_granted());
  EXPECT_FALSE(health.out());
}

TEST_F(ModelHealthTest, ANewNetworkInItsPlaceIsInServiceAndOneFaultTakesItOutForLonger) {
  health.hung(seconds(30));
  ModelHealth next("a/1", clock, make_null_log());
  next.continue_from(health);
  EXPECT_FALSE(next.ask().refusal);
  EXPECT_EQ(next.failures(), 1U) << "a counter never falls";
  next.failed("again");
  EXPECT_EQ(next.out()->retry_seconds, 2);
}

TEST_F(ModelHealthTest, WhileThreeRunsHangNoNetworkIsLoadedAnew) {
  health.hung(seconds(30));
  ModelHealth second("a/1", clock, make_null_log());
  second.continue_from(health);
  second.hung(seconds(30));
  ModelHealth third("a/1", clock, make_null_log());
  third.continue_from(second);
  third.hung(seconds(30));
  clock->advance(seconds(100));
  EXPECT_FALSE(third.ask().repair);
  health.came_back();
  clock->advance(seconds(100));
  EXPECT_TRUE(third.ask().repair);
}

}  // namespace
}  // namespace osprey::registry
