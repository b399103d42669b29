// Images as the wire has them: {"type": ..., "value": ...}, the value in base64 where it is bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <osprey/client/image.hpp>
#include <osprey/client/options.hpp>
#include <osprey/client/result.hpp>

namespace osprey::client {

/// Appends the image's JSON object to `out`. A file is read here and now, piece by piece. Returns what is wrong:
/// invalid_argument for a file that cannot be read, what is larger than `max_bytes`, pixels without size. What was
/// appended until then stays.
[[nodiscard]] std::optional<Error> append_image(const Image& image, PixelForm form, std::size_t max_bytes,
                                                std::string& out);

}  // namespace osprey::client
