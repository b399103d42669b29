// Base64 of bytes that come piece by piece.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "base/base64.hpp"

namespace osprey::client {

/// Appends to a text that it does not own. Not thread-safe.
class Base64Stream {
 public:
  explicit Base64Stream(std::string& out) : out_(out) {}

  void write(std::span<const std::byte> bytes) {
    if (held_ > 0) {
      const std::size_t taken = std::min(kGroup - held_, bytes.size());
      std::copy_n(bytes.begin(), taken, group_.begin() + static_cast<std::ptrdiff_t>(held_));
      held_ += taken;
      bytes = bytes.subspan(taken);
      if (held_ < kGroup) return;
      append_base64(group_, out_);
    }
    held_ = bytes.size() % kGroup;
    append_base64(bytes.first(bytes.size() - held_), out_);
    std::copy_n(bytes.end() - static_cast<std::ptrdiff_t>(held_), held_, group_.begin());
  }

  /// Writes what is held back and the padding. Nothing may be written afterwards.
  void finish() { append_base64(std::span(group_).first(held_), out_); }

 private:
  static constexpr std::size_t kGroup = 3;  // bytes that become four digits

  std::string& out_;
  std::array<std::byte, kGroup> group_{};
  std::size_t held_ = 0;
};

}  // namespace osprey::client
