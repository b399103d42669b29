// Turning stored pixels upright.
#pragma once

#include "image/image.hpp"

namespace osprey::image {

/// The image as an EXIF `orientation` (1 to 8) wants it shown: 2, 3 and 4 are turned in place, 5 to 8, which swap width
/// and height, are written once into a new image. 1 and values out of range give the image back. Throws std::bad_alloc.
[[nodiscard]] Image upright(Image image, int orientation);

/// The size that upright() gives a picture of the size `stored`.
[[nodiscard]] Size upright(Size stored, int orientation);

}  // namespace osprey::image
