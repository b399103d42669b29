// Input tensors that are used again: a network's input is megabytes, and fresh pages cost more than writing them.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

namespace osprey::service {

/// Lends float buffers by size. Keeps at most `max_idle` of each size. Thread-safe.
class TensorPool {
 public:
  explicit TensorPool(std::size_t max_idle) : max_idle_(max_idle) {}

  /// A buffer of `size` floats with any contents.
  [[nodiscard]] std::vector<float> take(std::size_t size);
  void give_back(std::vector<float> buffer);

 private:
  const std::size_t max_idle_;
  std::mutex mutex_;
  std::map<std::size_t, std::vector<std::vector<float>>> idle_;  // guarded by mutex_
};

}  // namespace osprey::service
