// The id that tells one package's bytes from another's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace osprey::package {

/// Files up to this size are read whole for the id.
inline constexpr std::uintmax_t kWholeFileBytes = std::uintmax_t{64} << 20U;

/// 32 hex digits over the names, sizes and bytes of the folder's regular files (not of its subfolders, and not those
/// whose name starts with a dot), in the order of their names. Of a file beyond `whole_file_bytes` (at least 2 MiB)
/// only so much is read, in pieces of 1 MiB spread evenly from its first to its last byte, so that large weights do not
/// slow the load: a change that keeps the size and misses every piece is not seen.
/// Errors: unavailable when a file cannot be read, data_corrupted beyond 1000 files.
[[nodiscard]] Result<std::string> make_package_id(const std::filesystem::path& folder,
                                                  std::uintmax_t whole_file_bytes = kWholeFileBytes);

}  // namespace osprey::package
