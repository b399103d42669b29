// What a lane, or all of them, did in the last seconds: for autoscalers, which want a number between 0 and 1 now.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace osprey::scheduler {

/// Sums of the last kSeconds, in slots of a second: how long batches ran, and how long the jobs that were begun had
/// waited. Not thread-safe.
class LoadWindow {
 public:
  static constexpr std::int64_t kSeconds = 15;

  struct Sums {
    Duration busy{};
    Duration waited{};
    std::size_t jobs = 0;  ///< that were begun
  };

  /// A batch ran.
  void ran(TimePoint from, TimePoint to) {
    from = std::max(from, start(to));
    while (from < to) {
      const TimePoint end = std::min(to, TimePoint(std::chrono::seconds(second_of(from) + 1)));
      slot(second_of(from)).sums.busy += end - from;
      from = end;
    }
  }

  /// A job was begun that had waited.
  void begun(Duration waited, TimePoint now) {
    auto& sums = slot(second_of(now)).sums;
    sums.waited += waited;
    ++sums.jobs;
  }

  [[nodiscard]] Sums sums(TimePoint now) const {
    Sums all;
    for (const auto& slot : slots_) {
      if (slot.second <= second_of(now) - kSeconds) continue;
      all.busy += slot.sums.busy;
      all.waited += slot.sums.waited;
      all.jobs += slot.sums.jobs;
    }
    return all;
  }

  /// When the window that ends now begins: at a whole second, at most kSeconds back.
  [[nodiscard]] static TimePoint start(TimePoint now) {
    return TimePoint(std::chrono::seconds(second_of(now) - kSeconds + 1));
  }

 private:
  struct Slot {
    std::int64_t second = -kSeconds;
    Sums sums;
  };

  static std::int64_t second_of(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  }

  Slot& slot(std::int64_t second) {
    auto& slot = slots_[static_cast<std::size_t>(second % kSeconds + kSeconds) % kSeconds];
    if (slot.second != second) slot = {.second = second, .sums = {}};
    return slot;
  }

  std::array<Slot, kSeconds> slots_{};
};

}  // namespace osprey::scheduler
