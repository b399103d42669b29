// From encoded bytes to pixels, under limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "image/image.hpp"

namespace osprey::image {

/// Limits that are checked from the header, before any pixel is decoded.
struct DecodeLimits {
  std::size_t max_bytes = std::size_t{64} << 20;         ///< of the encoded image
  std::size_t max_pickle_bytes = std::size_t{64} << 20;  ///< of a pickled array
  std::int64_t max_pixels = std::int64_t{100'000'000};   ///< width x height
  int max_side = 65'535;                                 ///< either side, pixels
};

struct DecodeOptions {
  /// Apply the EXIF orientation of a JPEG or PNG. As in the reference's decoder (OpenCV 4.12), a WebP's is never
  /// applied, a TIFF's always.
  bool auto_orient = true;
  DecodeLimits limits;
};

/// Decodes JPEG, PNG, WebP, TIFF, BMP or GIF (first frame), told apart by their first bytes, to 8-bit BGR: alpha is
/// dropped, 16-bit is scaled to 8, grey is replicated. The pixels are those of OpenCV's colour decode, but for BMP of
/// 16 bits a pixel (up to 7 brighter) and run-length coded BMP (refused). Errors: invalid_argument "Data is not image."
/// for bytes of no known format, cut off or broken beyond repair; payload_too_large for an image over a limit (the
/// message names the limit and the value); overloaded without memory. Thread-safe.
[[nodiscard]] Result<Image> decode(std::span<const std::byte> bytes, const DecodeOptions& options);

/// What a picture will be resized to, for decoders that can leave pixels out.
struct Reduction {
  Size target;
  bool inside = false;  ///< the picture will lie inside `target` with its sides' ratio kept; else it will fill it
};

/// Pixels of a picture, all of them or a reduced form of it.
struct ReducedImage {
  Image image;
  Size full;  ///< the whole picture's, upright like `image`
};

/// As decode(), but a JPEG that will be resized to less than half of its sides comes at 1/2, 1/4 or 1/8 of them: the
/// smallest of these that the resize still makes smaller, or leaves as it is. The decoder then computes fewer pixels,
/// of which each is the mean of those it stands for (nearly); the resized picture differs slightly from that of
/// decode(). Without a reduction, and for other formats, all pixels come. Limits hold for the whole picture.
/// Thread-safe.
[[nodiscard]] Result<ReducedImage> decode_reduced(std::span<const std::byte> bytes, const DecodeOptions& options,
                                                  const std::optional<Reduction>& reduction);

}  // namespace osprey::image
