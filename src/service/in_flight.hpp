// The predictions that are not completed yet, so that none is forgotten when its time is over.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "service/prediction_service.hpp"

namespace osprey::service {

/// Holds none of them. Thread-safe.
class PredictionService::InFlight {
 public:
  void add(const std::shared_ptr<Prediction>& prediction, TimePoint deadline) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(prediction.get(), Entry{prediction, deadline});
  }
  void remove(const Prediction* prediction) noexcept {
    const std::lock_guard lock(mutex_);
    entries_.erase(prediction);
  }

  /// Those whose deadline has come.
  [[nodiscard]] std::vector<std::shared_ptr<Prediction>> overdue(TimePoint now) const {
    std::vector<std::shared_ptr<Prediction>>
        late;  // outlives the lock: the last one to hold a prediction calls remove()
    const std::lock_guard lock(mutex_);
    late.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) {
      if (entry.deadline > now) continue;
      if (auto prediction = entry.prediction.lock()) late.push_back(std::move(prediction));
    }
    return late;
  }

 private:
  struct Entry {
    std::weak_ptr<Prediction> prediction;
    TimePoint deadline;
  };
  mutable std::mutex mutex_;
  std::unordered_map<const Prediction*, Entry> entries_;
};

}  // namespace osprey::service
