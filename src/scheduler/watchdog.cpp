#include "scheduler/watchdog.hpp"

#include <utility>

namespace osprey::scheduler {

Watchdog::Watchdog(std::chrono::milliseconds interval, std::vector<std::function<void()>> checks)
    : interval_(interval), checks_(std::move(checks)), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void Watchdog::watch(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      pause_.wait_for(lock, stop, interval_, [] { return false; });
    }
    if (stop.stop_requested()) return;
    for (const auto& check : checks_) {
      try {
        check();
      } catch (...) {  // no memory; the next round
      }
    }
  }
}

}  // namespace osprey::scheduler
