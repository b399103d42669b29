// From pixels to encoded bytes, for answers that hold pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "image/image.hpp"

namespace osprey::image {

/// A baseline JPEG with 4:2:0 chroma, as OpenCV's encoder writes. `quality` is 1 to 100. Errors: invalid_argument for a
/// quality out of range, an empty image, or a side over 65,535 pixels, which JPEG cannot tell. Thread-safe.
[[nodiscard]] Result<std::vector<std::byte>> encode_jpeg(ImageView image, int quality);

/// An 8-bit grey PNG; `pixels` holds `size` row by row, without padding. Errors: invalid_argument if their number is
/// not width x height, or if it is 0. Thread-safe.
[[nodiscard]] Result<std::vector<std::byte>> encode_png_grey(std::span<const std::uint8_t> pixels, Size size);

}  // namespace osprey::image
