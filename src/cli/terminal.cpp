#include "cli/terminal.hpp"

#include <cstdlib>

#include <unistd.h>

namespace osprey::cli {
namespace {

bool shows_colours() {
  if (::isatty(STDOUT_FILENO) == 0) return false;
  if (const char* refused = std::getenv("NO_COLOR"); refused != nullptr && *refused != '\0') return false;
  const char* kind = std::getenv("TERM");
  return kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb";
}

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::good: return "32";
    case Colour::bad: return "31";
    case Colour::quiet: return "2";
  }
  return "0";
}

}  // namespace

Terminal::Terminal() : coloured_(shows_colours()) {}

std::string Terminal::paint(std::string_view text, Colour colour) const {
  if (!coloured_) return std::string(text);
  return "\x1b[" + std::string(code_of(colour)) + 'm' + std::string(text) + "\x1b[0m";
}

}  // namespace osprey::cli
