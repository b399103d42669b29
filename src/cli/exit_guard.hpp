// The end of a process of which a thread does not come back.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.hpp"

namespace osprey::cli {

/// Ends the process with kFailure when the time from arm() on is over before this is destroyed: a thread that hangs in
/// an engine cannot be joined. What is on the disk is made for being left at any moment. Thread-safe.
class ExitGuard {
 public:
  explicit ExitGuard(Log log) : log_(std::move(log)) {}
  ~ExitGuard();
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;

  /// Only the first call counts. A moment is added to `time`, so that who keeps to it ends by himself.
  void arm(std::chrono::milliseconds time);

 private:
  const Log log_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool over_ = false;
  std::jthread thread_;
};

}  // namespace osprey::cli
