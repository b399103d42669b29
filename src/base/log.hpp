// The log: spdlog to standard error, made once at start and passed to whoever writes.
#pragma once

#include <memory>
#include <string_view>

#include <spdlog/logger.h>

#include "base/log_ring.hpp"
#include "base/result.hpp"

namespace osprey {

using Log = std::shared_ptr<spdlog::logger>;

/// A log at `level`: "debug", "info", "warning", "error" or "off", in any case. What it writes also goes to `ring`,
/// when there is one. Errors: invalid_argument naming the levels.
[[nodiscard]] Result<Log> make_log(std::string_view level, const LogRing* ring = nullptr);

/// A log that writes nothing, for tests.
[[nodiscard]] Log make_null_log();

}  // namespace osprey
