// The thread that looks for what hangs and what is overdue.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include <condition_variable>

namespace osprey::scheduler {

/// Calls each check every `interval`, on a thread of its own, until it is destroyed. A check must be quick; what it
/// throws is let go, the next round tries again. What the checks look at outlives this.
class Watchdog {
 public:
  Watchdog(std::chrono::milliseconds interval, std::vector<std::function<void()>> checks);

 private:
  void watch(const std::stop_token& stop);

  const std::chrono::milliseconds interval_;
  const std::vector<std::function<void()>> checks_;
  std::mutex mutex_;
  std::condition_variable_any pause_;
  std::jthread thread_;
};

}  // namespace osprey::scheduler
