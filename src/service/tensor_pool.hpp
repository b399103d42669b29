// Input tensors that are used again: a network's input is megabytes, and fresh pages cost more than writing them.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace osprey::service {

class TensorPool;

/// A buffer that goes back to its pool by itself. Move-only; must not outlive the pool.
class PooledTensor {
 public:
  PooledTensor(TensorPool& pool, std::vector<float> values) : pool_(&pool), values_(std::move(values)) {}
  PooledTensor(PooledTensor&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), values_(std::move(other.values_)) {}
  PooledTensor& operator=(PooledTensor&&) = delete;
  ~PooledTensor();

  [[nodiscard]] std::span<float> values() { return values_; }
  [[nodiscard]] std::span<const float> values() const { return values_; }

 private:
  friend class TensorPool;
  TensorPool* pool_;
  std::vector<float> values_;
};

/// Lends float buffers. Of those that come back it keeps as many as make `capacity` with those that are lent out, the
/// last ones first: what a burst needed, or a model that nobody wants any more, goes. Thread-safe.
class TensorPool {
 public:
  explicit TensorPool(std::size_t capacity) : capacity_(capacity) {}

  /// A buffer of `size` floats with any contents. Throws std::bad_alloc.
  [[nodiscard]] PooledTensor take(std::size_t size);

  /// Buffers that are not lent out, for tests and metrics.
  [[nodiscard]] std::size_t idle() const;

 private:
  friend class PooledTensor;
  void give_back(std::vector<float> buffer);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::size_t lent_ = 0;                 // guarded by mutex_
  std::deque<std::vector<float>> idle_;  // guarded by mutex_; the longest idle first
};

}  // namespace osprey::service
