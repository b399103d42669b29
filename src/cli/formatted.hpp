// Short texts in printf's form, for lines that a person reads.
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace osprey::cli {

/// As std::snprintf writes it, cut at 255 characters. Thread-safe.
template <typename... Values>
[[nodiscard]] std::string formatted(const char* format, Values... values) {
  std::array<char, 256> text{};
  (void)std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

}  // namespace osprey::cli
