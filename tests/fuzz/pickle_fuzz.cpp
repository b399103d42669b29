#include "fuzz_target.hpp"
#include "image/ndarray.hpp"

FUZZ_TARGET(pickle)(std::span<const std::byte> bytes) {
  (void)osprey::image::image_from_pickled_ndarray(bytes, {.max_pixels = 1'000'000});
}
