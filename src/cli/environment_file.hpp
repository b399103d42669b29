// Files of environment variables, as containers are given them.
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace osprey::cli {

/// Sets the variables of a file in this process's environment, over those that are set: NAME=VALUE, a line each; blank
/// lines and lines that begin with # are left out. The value is taken as it is, quotes included, as containers'
/// runtimes do. Call it before threads are started. Errors: not_found; invalid_argument with the line's number.
[[nodiscard]] Status set_environment(const std::filesystem::path& file);

}  // namespace osprey::cli
