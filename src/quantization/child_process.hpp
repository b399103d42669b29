// Running another program and waiting for it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/result.hpp"

namespace osprey::quantization {

/// Runs a program (looked for in PATH when its name has no '/') with nothing on its standard input, and waits for its
/// end. What it prints goes to `log`. It ends with this process, and is killed, with its own children, when `cancel` is
/// set.
///
/// Errors: unavailable (it cannot be started); internal (it ended with another exit code than 0, or by a signal; the
/// message says which, and the last line that it printed); cancelled.
[[nodiscard]] Status run_program(const std::vector<std::string>& command, const std::filesystem::path& log,
                                 const CancelToken& cancel);

}  // namespace osprey::quantization
