// What a backend said, made fit for a client: one sentence, without places in source code and paths of this machine.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace osprey::engine {

/// The line of a backend's message that says why, at most 300 bytes long. Lines that only tell where in the backend
/// something failed are left out; of `file` (empty: none is involved) and of every other absolute path the last
/// component stays. "no reason given" when nothing is left.
[[nodiscard]] std::string reason_in(std::string_view message, const std::filesystem::path& file = {});

}  // namespace osprey::engine
