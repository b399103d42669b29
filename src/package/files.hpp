// Reading a package's small files under limits.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osprey::package {

/// No text file of a package needs more; a larger one is refused before it is read.
inline constexpr std::size_t kMaxTextBytes = std::size_t{8} << 20U;
inline constexpr std::size_t kMaxClassNames = 100'000;

/// The bytes of folder/name; nothing when there is no such file.
/// Errors: data_corrupted when it is no regular file or larger than kMaxTextBytes, unavailable when it cannot be read.
[[nodiscard]] Result<std::optional<std::string>> read_text(const std::filesystem::path& folder,
                                                           const std::string& name);

/// The names of a class_names.txt: one a line, trimmed, blank lines dropped; a UTF-8 byte order mark is tolerated.
/// `name` is for messages. Errors: data_corrupted when none is left, there are more than kMaxClassNames, or the text
/// is not UTF-8.
[[nodiscard]] Result<std::vector<std::string>> parse_class_names(const std::string& text, const std::string& name);

}  // namespace osprey::package
