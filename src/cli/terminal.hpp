// Colours, where a person sees them.
#pragma once

#include <string>
#include <string_view>

namespace osprey::cli {

enum class Colour { good, bad, quiet };

/// Colours text for standard output when that is a terminal which shows colours, and NO_COLOR is not set (or empty:
/// no-color.org); else leaves it as it is.
class Terminal {
 public:
  /// Looks at standard output and the environment.
  Terminal();
  explicit Terminal(bool coloured) : coloured_(coloured) {}

  [[nodiscard]] bool coloured() const { return coloured_; }
  [[nodiscard]] std::string paint(std::string_view text, Colour colour) const;

 private:
  bool coloured_;
};

}  // namespace osprey::cli
