// What came from a URL, and the bound on what all of them hold.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace osprey::fetch {

/// How many bytes may be held at a time, by all that share it. Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  /// Whether `count` more may be held; then they count until they are given back.
  [[nodiscard]] bool take(std::size_t count) {
    if (held_.fetch_add(count, std::memory_order_relaxed) + count <= limit_) return true;
    give_back(count);
    return false;
  }
  void give_back(std::size_t count) { held_.fetch_sub(count, std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> held_{0};
};

/// Bytes that count against a budget for as long as they are held. Not thread-safe, like any value.
class FetchedBytes {
 public:
  FetchedBytes() = default;
  explicit FetchedBytes(std::shared_ptr<ByteBudget> budget) : budget_(std::move(budget)) {}
  FetchedBytes(FetchedBytes&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, {})) {}
  FetchedBytes& operator=(FetchedBytes&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    other.clear();
    return *this;
  }
  ~FetchedBytes() { clear(); }

  /// Makes room for that many; they do not count before they are there. Throws std::bad_alloc.
  void reserve(std::size_t count) { bytes_.reserve(count); }

  /// Whether the budget has room for them; throws std::bad_alloc when the memory has not.
  [[nodiscard]] bool append(std::span<const std::byte> more) {
    if (!budget_->take(more.size())) return false;
    try {
      bytes_.insert(bytes_.end(), more.begin(), more.end());
    } catch (...) {
      budget_->give_back(more.size());
      throw;
    }
    return true;
  }
  void clear() noexcept {
    if (budget_) budget_->give_back(bytes_.size());
    bytes_ = std::vector<std::byte>();
  }

  [[nodiscard]] std::span<const std::byte> view() const { return bytes_; }

 private:
  std::shared_ptr<ByteBudget> budget_;  // null: nothing is held
  std::vector<std::byte> bytes_;
};

}  // namespace osprey::fetch
