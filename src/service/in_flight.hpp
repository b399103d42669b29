// The requests that are not completed yet, so that none is forgotten when its time is over.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "service/prediction_service.hpp"

namespace osprey::service {

/// A request that somebody waits for.
class PredictionService::Pending {
 public:
  virtual ~Pending() = default;
  /// Completes with an error, unless it is complete already. Thread-safe.
  virtual void fail(Error error) noexcept = 0;
};

/// Holds none of them. Thread-safe.
class PredictionService::InFlight {
 public:
  void add(const std::shared_ptr<Pending>& request, TimePoint deadline) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(request.get(), Entry{request, deadline});
  }
  void remove(const Pending* request) noexcept {
    const std::lock_guard lock(mutex_);
    entries_.erase(request);
  }

  /// Those whose deadline has come.
  [[nodiscard]] std::vector<std::shared_ptr<Pending>> overdue(TimePoint now) const {
    std::vector<std::shared_ptr<Pending>> late;  // outlives the lock: the last one to hold a request calls remove()
    const std::lock_guard lock(mutex_);
    late.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) {
      if (entry.deadline > now) continue;
      if (auto request = entry.request.lock()) late.push_back(std::move(request));
    }
    return late;
  }

 private:
  struct Entry {
    std::weak_ptr<Pending> request;
    TimePoint deadline;
  };
  mutable std::mutex mutex_;
  std::unordered_map<const Pending*, Entry> entries_;
};

}  // namespace osprey::service
