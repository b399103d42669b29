// Ctrl-C for commands that have something to finish first.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace osprey::cli {

/// The exit code of a command that was interrupted, as shells tell a SIGINT.
inline constexpr int kInterrupted = 130;

/// From its making on, SIGINT and SIGTERM wait: make it before other threads. From begin() on the first one requests a
/// stop, the second one ends the process. Ends with the object.
class StopOnInterrupt {
 public:
  StopOnInterrupt();

  /// Starts to look for signals; those that have come meanwhile count.
  void begin();
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  sigset_t signals_{};
  std::stop_source stop_;
  std::jthread waiter_;
};

}  // namespace osprey::cli
