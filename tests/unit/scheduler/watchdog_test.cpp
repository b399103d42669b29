#include "scheduler/watchdog.hpp"

#include <atomic>
#include <new>
#include <thread>

#include <gtest/gtest.h>

namespace osprey::scheduler {
namespace {

TEST(Watchdog, GoesOnWhateverItsChecksThrow) {
  std::atomic<int> first{0};
  std::atomic<int> second{0};
  {
    const Watchdog watchdog(std::chrono::milliseconds(1), {[&] {
                                                             ++first;
                                                             throw std::bad_alloc();
                                                           },
                                                           [&] { ++second; }});
    while (first < 3 || second < 3) std::this_thread::yield();
  }
  const int calls = second;
  std::this_thread::yield();
  EXPECT_EQ(second, calls) << "its thread has ended";
}

}  // namespace
}  // namespace osprey::scheduler
