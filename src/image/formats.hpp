// Inside this room: one function per image format. decode.cpp has checked the byte limit and the first bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "image/decode.hpp"
#include "image/image.hpp"

namespace osprey::image {

/// Pixels as they are stored, and the EXIF orientation (1 to 8; 1 = upright) that is still to be applied.
struct Decoded {
  Image image;
  int orientation = 1;
  Size full = {};  ///< the whole picture's as it is stored, where `image` is a reduced form of it
};

[[nodiscard]] Result<Decoded> decode_jpeg(std::span<const std::byte> bytes, const DecodeLimits& limits);
/// `reduction`: see decode_reduced(); its target is upright.
[[nodiscard]] Result<Decoded> decode_jpeg_reduced(std::span<const std::byte> bytes, const DecodeLimits& limits,
                                                  const Reduction& reduction);
[[nodiscard]] Result<Decoded> decode_png(std::span<const std::byte> bytes, const DecodeLimits& limits);
[[nodiscard]] Result<Decoded> decode_webp(std::span<const std::byte> bytes, const DecodeLimits& limits);
[[nodiscard]] Result<Decoded> decode_tiff(std::span<const std::byte> bytes, const DecodeLimits& limits);
[[nodiscard]] Result<Decoded> decode_bmp(std::span<const std::byte> bytes, const DecodeLimits& limits);
[[nodiscard]] Result<Decoded> decode_gif(std::span<const std::byte> bytes, const DecodeLimits& limits);

/// The one answer to bytes that cannot be decoded, in the reference's words.
[[nodiscard]] Error not_an_image();

/// The size that a header states, if it is within the limits: an empty side is not_an_image(), a side or an area over
/// its limit is payload_too_large.
[[nodiscard]] Result<Size> checked_size(std::int64_t width, std::int64_t height, const DecodeLimits& limits);

/// Swaps the first and third byte of each of `count` pixels: RGB to BGR.
void swap_red_and_blue(std::uint8_t* pixels, std::size_t count);

/// Bytes as the C libraries want them.
[[nodiscard]] inline const unsigned char* as_uchar(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// A big- or little-endian number at `at`, or nothing where the bytes end.
[[nodiscard]] std::optional<std::uint16_t> read_u16(std::span<const std::byte> bytes, std::size_t at, bool big_endian);
[[nodiscard]] std::optional<std::uint32_t> read_u32(std::span<const std::byte> bytes, std::size_t at, bool big_endian);

}  // namespace osprey::image
