#include "fuzz_target.hpp"
#include "image/decode.hpp"

FUZZ_TARGET(image)(std::span<const std::byte> bytes) {
  osprey::image::DecodeOptions options;
  options.limits.max_pixels = 1'000'000;
  (void)osprey::image::decode(bytes, options);
}
