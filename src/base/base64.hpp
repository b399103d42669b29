// Base64 with the standard alphabet.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osprey {

/// Decodes as the reference does: characters outside the alphabet (line breaks, spaces, ...) are skipped, then the
/// padding has to be right. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<std::byte>> decode_base64(std::string_view text);

/// Appends the padded encoding of `bytes` to `out`.
void append_base64(std::span<const std::byte> bytes, std::string& out);

}  // namespace osprey
