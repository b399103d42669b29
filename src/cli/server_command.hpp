// The subcommands of `inference server`.
#pragma once

#include <memory>

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

[[nodiscard]] std::unique_ptr<Command> make_server_start(CLI::App& server);
[[nodiscard]] std::unique_ptr<Command> make_server_status(CLI::App& server);
[[nodiscard]] std::unique_ptr<Command> make_server_stop(CLI::App& server);

/// All of them.
[[nodiscard]] Commands make_server_commands(CLI::App& server);

inline constexpr int kNotRunning = 3;  ///< exit code of `server status`, as of an init script

}  // namespace osprey::cli
