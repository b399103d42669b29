// The one thing that is needed of EXIF: which way is up.
#pragma once

#include <cstddef>
#include <span>

namespace osprey::image {

/// The orientation tag (274) of the first directory of an EXIF block, which starts with its TIFF header ("II*\0" or
/// "MM\0*"): 1 to 8, and 1 where it is missing, out of range or the block is broken. Reads nothing outside `block`.
[[nodiscard]] int exif_orientation(std::span<const std::byte> block);

}  // namespace osprey::image
