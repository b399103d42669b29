// `inference server start`: builds the rooms, serves until a signal, takes them down in order.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.hpp"
#include "cli/settings.hpp"

namespace osprey::cli {

/// Told how a server's run goes. None of them may throw.
struct StartEvents {
  /// It listens on this port and serves next; an error ends it instead.
  std::function<Status(std::uint16_t port)> listening = [](std::uint16_t) { return Status(); };
  /// Its packages have been looked at, and there is something to serve. On another thread, once at most.
  std::function<void()> checked = [] {};
  /// It has answered all that came and is about to end with success.
  std::function<void()> finished = [] {};
};

/// Runs the server in the foreground until SIGTERM or SIGINT. Returns the exit code. Call it before any thread is
/// started: it blocks the signals for all of them.
[[nodiscard]] int start_server(const ServerSettings& settings, const StartEvents& events = {});

}  // namespace osprey::cli
