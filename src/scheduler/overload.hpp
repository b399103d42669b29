// How many may wait for a lane while more comes than it can do.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.hpp"

namespace osprey::scheduler {

/// A full queue is for a burst. Where it was filled once, more comes than is done, and a full queue would only make
/// everybody wait: then whoever comes is taken only as far as his turn comes within kShortWait, at the pace of the
/// last such time, until nobody had to be refused for kCalm. Clients that wait for one answer before they ask again
/// and are no more than the queue holds never come to that; but once it has come to that, they may go on to be refused
/// as they ask again at once, and it is not to be seen whether the queue would hold them: so it is tried anew after
/// kLongest. Not thread-safe.
class Overload {
 public:
  static constexpr Duration kShortWait = std::chrono::milliseconds(500);
  static constexpr Duration kCalm = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::minutes(2);
  /// Taken in any case: a pace measured over a moment in which nothing ran says nothing.
  static constexpr std::size_t kFew = 8;

  explicit Overload(std::size_t max_queue) : max_queue_(max_queue) {}

  /// Whether one more may wait behind `queued` others.
  [[nodiscard]] bool takes(std::size_t queued, TimePoint now) {
    measure(now);
    const std::size_t most = overloaded_ ? std::min(max_queue_, std::max(pace_, kFew)) : max_queue_;
    if (queued < most) return true;
    if (!overloaded_) overloaded_since_ = now;
    overloaded_ = true;
    refused_ = now;
    return false;
  }

  /// Notes that `jobs` of the lane were begun.
  void begun(std::size_t jobs, TimePoint now) {
    measure(now);
    begun_ += jobs;
  }

 private:
  void measure(TimePoint now) {
    const auto passed = now - since_;
    if (passed < kShortWait) return;
    pace_ =
        static_cast<std::size_t>(static_cast<double>(begun_) * (kShortWait / std::chrono::duration<double>(passed)));
    begun_ = 0;
    since_ = now;
    if (now - refused_ >= kCalm || now - overloaded_since_ >= kLongest) overloaded_ = false;
  }

  const std::size_t max_queue_;
  std::size_t pace_ = 0;   ///< jobs that were begun in kShortWait
  std::size_t begun_ = 0;  ///< since `since_`
  TimePoint since_{};
  TimePoint refused_{};
  TimePoint overloaded_since_{};
  bool overloaded_ = false;
};

}  // namespace osprey::scheduler
