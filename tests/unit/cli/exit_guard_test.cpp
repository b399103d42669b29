#include "cli/exit_guard.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "cli/command_line.hpp"

namespace osprey::cli {
namespace {

TEST(ExitGuardDeathTest, EndsAProcessThatDoesNotEndByItself) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ExitGuard guard(make_null_log());
        guard.arm(std::chrono::milliseconds(0));
        while (true) std::this_thread::sleep_for(std::chrono::seconds(1));  // as a join of what hangs
      },
      testing::ExitedWithCode(kFailure), "");
}

TEST(ExitGuard, LetsAProcessGoThatEndsInTime) {
  const auto began = std::chrono::steady_clock::now();
  {
    ExitGuard guard(make_null_log());
    guard.arm(std::chrono::hours(1));
    guard.arm(std::chrono::hours(2));
  }
  {
    const ExitGuard never_armed(make_null_log());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(1));
}

}  // namespace
}  // namespace osprey::cli
