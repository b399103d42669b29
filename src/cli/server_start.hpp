// `inference server start`: builds the rooms, serves until a signal, takes them down in order.
#pragma once

#include "cli/settings.hpp"

namespace osprey::cli {

/// Runs the server in the foreground until SIGTERM or SIGINT. Returns the exit code. Call it before any thread is
/// started: it blocks the signals for all of them.
[[nodiscard]] int start_server(const ServerSettings& settings);

}  // namespace osprey::cli
