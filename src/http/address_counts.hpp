// How many connections each client address has.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace osprey::http {

/// Thread-safe. Holds an entry for each address that has connections, no others.
class AddressCounts {
 public:
  /// Counts one more connection of `address`, unless it has `limit` already. Whether it was counted.
  [[nodiscard]] bool enter(const std::string& address, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    const auto entry = counts_.try_emplace(address, 0).first;
    if (entry->second >= limit) return false;
    ++entry->second;
    return true;
  }

  /// Requires an enter() that returned true.
  void leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto entry = counts_.find(address);
    if (--entry->second == 0) counts_.erase(entry);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> counts_;
};

}  // namespace osprey::http
