// The `inference` command: its subcommands, their options and exit codes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

/// Exit codes of every subcommand; some have further ones, which docs/cli.md tells.
enum ExitCode : int {
  kSuccess = 0,
  kFailure = 1,  ///< it could not do what was asked; one line on standard error says why
  kUsage = 2,    ///< the command line is wrong
};

/// All subcommands and their options: to be run, to be completed by a shell, to be held against the manual.
class CommandLine {
 public:
  CommandLine();
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] const CLI::App& app() const { return *app_; }

  /// Reads the arguments (without the program's name). An option may be written with underscores for its dashes, as the
  /// reference's command has some (--model_id); of that command come the short names of several letters (-wr), too.
  /// Throws CLI::ParseError, for --help and --version as well.
  void parse(const std::vector<std::string>& arguments);

  /// Reads the arguments and does what they say; returns the exit code. Writes what was asked for to standard output,
  /// everything else to standard error.
  [[nodiscard]] int run(const std::vector<std::string>& arguments);

 private:
  std::unique_ptr<CLI::App> app_;
  Commands commands_;
};

/// Runs the command line of a process.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace osprey::cli
