// What the subcommands of `inference` have in common.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/command_settings.hpp"

namespace osprey::cli {

/// A subcommand: made before the command line is parsed, run after it.
class Command {
 public:
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Whether the command line names it.
  [[nodiscard]] bool chosen() const;
  /// Does it; returns the exit code.
  [[nodiscard]] virtual int run() = 0;

 protected:
  explicit Command(CLI::App* command) : command_(command) {}

  CLI::App* command_;
  CommandSettings settings_;
};

using Commands = std::vector<std::unique_ptr<Command>>;

/// Writes "inference: message" to standard error; returns `exit_code`.
[[nodiscard]] int refuse(const Error& error, int exit_code);

/// Text from outside for a terminal: control characters become '?'.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace osprey::cli
