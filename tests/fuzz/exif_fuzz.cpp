#include <cstdlib>

#include "fuzz_target.hpp"
#include "image/exif.hpp"

FUZZ_TARGET(exif)(std::span<const std::byte> bytes) {
  const int orientation = osprey::image::exif_orientation(bytes);
  if (orientation < 1 || orientation > 8) std::abort();
}
