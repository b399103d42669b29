// Images that come as a pickled numpy array.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.hpp"
#include "image/decode.hpp"
#include "image/image.hpp"

namespace osprey::image {

/// The image in the pickle (protocols 0 to 5, numpy 1.x and 2.x) of a numpy array of shape H x W, H x W x 1 or H x W x
/// 3, BGR, in C or Fortran order, of booleans, integers or floats in either byte order. One channel is replicated.
/// Values of other types than uint8 are cut to 0..255 and lose their fraction (NaN becomes 0, true becomes 1): the
/// reference lets them pass unchanged into its float maths, which for values outside 0..255 gives other results.
/// Nothing of the pickle is executed; whatever is not such an array is refused. Only `limits.max_pixels` and
/// `limits.max_side` and `limits.max_bytes` (of the pickle) apply. Errors: invalid_argument "Could not deserialize
/// pickle payload. " and the reason; payload_too_large over a limit. Thread-safe.
[[nodiscard]] Result<Image> image_from_pickled_ndarray(std::span<const std::byte> pickle, const DecodeLimits& limits);

}  // namespace osprey::image
