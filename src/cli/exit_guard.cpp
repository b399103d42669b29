#include "cli/exit_guard.hpp"

#include <cstdlib>

#include "cli/command_line.hpp"

namespace osprey::cli {
namespace {

constexpr std::chrono::milliseconds kMoment{1000};

}  // namespace

ExitGuard::~ExitGuard() {
  std::jthread thread;  // joined when the lock is released
  const std::lock_guard lock(mutex_);
  over_ = true;
  changed_.notify_all();
  thread.swap(thread_);
}

void ExitGuard::arm(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  if (over_ || thread_.joinable()) return;
  thread_ = std::jthread([this, time] {
    std::unique_lock waiting(mutex_);
    if (changed_.wait_for(waiting, time + kMoment, [this] { return over_; })) return;
    log_->error("a thread has not come back in the time to finish the requests; the process ends without it");
    log_->flush();
    std::_Exit(kFailure);
  });
}

}  // namespace osprey::cli
