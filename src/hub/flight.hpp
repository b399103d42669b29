// One download and all who wait for it.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/cancel_token.hpp"
#include "base/result.hpp"
#include "hub/disk_cache.hpp"
#include "hub/hub.hpp"

namespace osprey::hub {

/// What a flight ends with.
struct Landed {
  HeldPackage package;
  bool downloaded = false;
};

/// Work on a thread of its own, with any number of waiters; the work is cancelled when the last of them has left.
/// Thread-safe.
class Flight {
 public:
  using OnProgress = std::function<void(const DownloadProgress&)>;
  using Work = std::function<Result<Landed>(const CancelToken& cancel, const OnProgress& on_progress)>;

  /// Begins; the one who makes it is its first waiter, and calls wait().
  explicit Flight(Work work);
  /// Cancels the work and waits for it.
  ~Flight();
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  /// Makes the caller a waiter, who calls wait(); false when the flight was given up by all who waited before.
  [[nodiscard]] bool join();

  /// Waits for the end. `on_progress` may be empty; it is called until this returns. Errors: the work's; cancelled.
  [[nodiscard]] Result<Landed> wait(const CancelToken& cancel, const OnProgress& on_progress);

  [[nodiscard]] bool ended() const;
  void cancel() { cancel_.cancel(); }

 private:
  void tell(const DownloadProgress& progress);

  CancelToken cancel_;
  mutable std::mutex mutex_;  // of all below but the thread
  std::condition_variable end_;
  int waiters_ = 1;
  std::map<int, const OnProgress*> listeners_;
  int next_listener_ = 0;
  std::optional<Result<Landed>> result_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace osprey::hub
