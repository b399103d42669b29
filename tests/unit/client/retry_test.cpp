#include "client/retry.hpp"

#include <gtest/gtest.h>

namespace osprey::client {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kNothing{0};

Retries without_jitter() {
  Retries retries;
  retries.attempts = 10;
  retries.first_pause = milliseconds(100);
  retries.longest_pause = milliseconds(1'000);
  retries.longest_retry_after = milliseconds(5'000);
  retries.jitter = 0;
  return retries;
}

TEST(PauseBeforeRetry, DoublesUpToTheLongest) {
  const auto retries = without_jitter();
  EXPECT_EQ(pause_before_retry(retries, 1, kNothing, 0.5), milliseconds(100));
  EXPECT_EQ(pause_before_retry(retries, 2, kNothing, 0.5), milliseconds(200));
  EXPECT_EQ(pause_before_retry(retries, 4, kNothing, 0.5), milliseconds(800));
  EXPECT_EQ(pause_before_retry(retries, 5, kNothing, 0.5), milliseconds(1'000));
  EXPECT_EQ(pause_before_retry(retries, 9, kNothing, 0.5), milliseconds(1'000));
}

TEST(PauseBeforeRetry, ThereIsNoneAfterTheLastAttempt) {
  EXPECT_EQ(pause_before_retry(without_jitter(), 10, kNothing, 0), std::nullopt);
  Retries once;
  once.attempts = 1;
  EXPECT_EQ(pause_before_retry(once, 1, kNothing, 0), std::nullopt);
}

TEST(PauseBeforeRetry, JitterShortensABackoffByItsShare) {
  auto retries = without_jitter();
  retries.jitter = 0.5;
  EXPECT_EQ(pause_before_retry(retries, 1, kNothing, 0), milliseconds(100));
  EXPECT_EQ(pause_before_retry(retries, 1, kNothing, 1), milliseconds(50));
}

TEST(PauseBeforeRetry, WhatTheServerAsksForIsNeverShortened) {
  auto retries = without_jitter();
  retries.jitter = 0.5;
  EXPECT_EQ(pause_before_retry(retries, 1, milliseconds(2'000), 0), milliseconds(2'000));
  EXPECT_EQ(pause_before_retry(retries, 1, milliseconds(2'000), 1), milliseconds(3'000));
}

TEST(PauseBeforeRetry, ALongerBackoffThanTheServerAsksForStays) {
  EXPECT_EQ(pause_before_retry(without_jitter(), 4, milliseconds(300), 0), milliseconds(800));
}

TEST(PauseBeforeRetry, MoreThanTheLongestRetryAfterIsNotWaitedFor) {
  EXPECT_EQ(pause_before_retry(without_jitter(), 1, milliseconds(5'000), 0), milliseconds(5'000));
  EXPECT_EQ(pause_before_retry(without_jitter(), 1, milliseconds(5'001), 0), std::nullopt);
}

}  // namespace
}  // namespace osprey::client
