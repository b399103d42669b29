// An image as a client gave it, and how it becomes pixels.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "image/decode.hpp"
#include "image/image.hpp"

namespace osprey::service {

/// Where the pixels are.
struct ImageSource {
  enum class Kind {
    encoded,         ///< the bytes of a JPEG, PNG, ... file
    base64,          ///< base64 text of such bytes, with or without a "data:image/...;base64," prefix
    pickled,         ///< a pickled NumPy array
    base64_pickled,  ///< base64 text of one
    url,             ///< where such bytes are; fetched before they are loaded
  };
  Kind kind = Kind::base64;
  std::string_view data;  ///< lives as long as the request that it came with
};

/// "Could not load input image. Cause: ..." before the error's message, as the reference tells them.
[[nodiscard]] Error image_error(Error cause);

/// The pixels of a source that is no URL; with a `reduction`, a JPEG's may be fewer (image::decode_reduced). Errors:
/// invalid_argument "Could not load input image. Cause: ..." (the reference's causes), payload_too_large for one over a
/// limit. Thread-safe.
[[nodiscard]] Result<image::ReducedImage> load_image(const ImageSource& source, const image::DecodeOptions& options,
                                                     const std::optional<image::Reduction>& reduction = std::nullopt);

}  // namespace osprey::service
