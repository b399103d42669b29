// How many bytes of messages are held at a time, over all calls.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace osprey::rpc {

/// Thread-safe. What it gives out may outlive it.
class ByteBudget {
 public:
  /// Bytes that are given back at its end. Move-only.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept : used_(std::move(other.used_)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(used_, other.used_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      if (used_) *used_ -= bytes_;
    }

   private:
    friend class ByteBudget;
    Share(std::shared_ptr<std::atomic<std::size_t>> used, std::size_t bytes) : used_(std::move(used)), bytes_(bytes) {}
    std::shared_ptr<std::atomic<std::size_t>> used_;
    std::size_t bytes_ = 0;
  };

  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  /// Errors: overloaded.
  [[nodiscard]] Result<Share> take(std::size_t bytes) {
    if (used_->fetch_add(bytes) + bytes > limit_) {
      *used_ -= bytes;
      return Error{Code::overloaded, "the server holds messages of " + std::to_string(limit_ >> 20) +
                                         " MiB already, its limit; try again"};
    }
    return Share(used_, bytes);
  }

  [[nodiscard]] std::size_t used() const { return used_->load(); }

 private:
  const std::size_t limit_;
  const std::shared_ptr<std::atomic<std::size_t>> used_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace osprey::rpc
