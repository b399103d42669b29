#include "cli/command.hpp"

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

namespace osprey::cli {

bool Command::chosen() const {
  return command_->parsed();
}

int refuse(const Error& error, int exit_code) {
  std::cerr << "inference: " << printable(error.message) << '\n';
  return exit_code;
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(result.begin(), result.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return result;
}

}  // namespace osprey::cli
