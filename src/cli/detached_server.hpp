// `inference server start --detach`: a server in the background, with a pid file and a log file.
#pragma once

#include <string>
#include <string_view>

#include "cli/settings.hpp"

namespace osprey::cli {

/// Starts the server in a process of its own and returns when it answers, or has ended: then it says why. Returns the
/// exit code, in this process and, when the server ends, in that one. Call it before any thread is started.
[[nodiscard]] int start_detached(const ServerSettings& settings);

/// Why a server ended, from what it wrote: its first line that begins with "inference: ", and how many more there are;
/// else its last line; empty for none.
[[nodiscard]] std::string reason_in_log(std::string_view log);

}  // namespace osprey::cli
