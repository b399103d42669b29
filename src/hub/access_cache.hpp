// Which keys may use which models, as far as it was learned lately. Keys are kept as hashes only.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace osprey::hub {

/// Thread-safe.
class AccessCache {
 public:
  AccessCache(std::chrono::seconds believed_for, std::shared_ptr<const Clock> clock);

  [[nodiscard]] bool may_use(std::string_view model_id, std::string_view key) const;
  void learn(std::string_view model_id, std::string_view key);
  void forget(std::string_view model_id, std::string_view key);

  /// A name for model and key together, from which the key cannot be had.
  [[nodiscard]] static std::string name(std::string_view model_id, std::string_view key);

 private:
  std::chrono::seconds believed_for_;
  std::shared_ptr<const Clock> clock_;
  mutable std::mutex mutex_;
  std::map<std::string, TimePoint> until_;
};

}  // namespace osprey::hub
