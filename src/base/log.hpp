// The log: spdlog to standard error, made once at start and passed to whoever writes.
#pragma once

#include <memory>
#include <string_view>

#include <spdlog/logger.h>

#include "base/result.hpp"

namespace osprey {

using Log = std::shared_ptr<spdlog::logger>;

/// A log at `level`: "debug", "info", "warning", "error" or "off", in any case. Errors: invalid_argument naming those.
[[nodiscard]] Result<Log> make_log(std::string_view level);

/// A log that writes nothing, for tests.
[[nodiscard]] Log make_null_log();

}  // namespace osprey
