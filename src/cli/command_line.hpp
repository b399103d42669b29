// The `inference` command: its subcommands, their options and exit codes.
#pragma once

namespace osprey::cli {

/// Exit codes of every subcommand.
enum ExitCode : int {
  kSuccess = 0,
  kFailure = 1,  ///< it could not do what was asked; one line on standard error says why
  kUsage = 2,    ///< the command line is wrong
};

/// Runs the command line. Writes what was asked for to standard output, everything else to standard error.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace osprey::cli
