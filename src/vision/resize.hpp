// Bringing an image to a canvas's size: where it lands on the canvas, and the resampling itself.
#pragma once

#include "image/image.hpp"
#include "vision/geometry.hpp"
#include "vision/preprocess.hpp"

namespace osprey::vision {

/// Where an image lands on a canvas: the part of the image at (source_x, source_y) of size `source`, resized to
/// `content`, put at (left, top) of the canvas. Pads and scales as Geometry tells them.
struct Placement {
  Size canvas;
  int source_x = 0;
  int source_y = 0;
  Size source;
  Size content;  ///< differs from `source` only where the mode resizes
  int left = 0;
  int top = 0;
  int pad_left = 0;  ///< left, or minus source_x where the image was cut
  int pad_top = 0;
  int pad_right = 0;
  int pad_bottom = 0;
  float scale_w = 1;
  float scale_h = 1;
};

/// The placement of an image of `size` on `canvas` (inference-math 3.1); `anchor` is for a letterbox. All sides of both
/// sizes must be at least 1; every side of `source` and `content` then is too. Thread-safe.
[[nodiscard]] Placement place(Size size, Size canvas, ResizeMode mode,
                              LetterboxAnchor anchor = LetterboxAnchor::center);

/// The part of `source` at (x, y) of `size`, without a copy. Requires that it lies inside.
[[nodiscard]] inline image::ImageView part(const image::ImageView& source, int x, int y, Size size) {
  return {source.row(y) + static_cast<std::ptrdiff_t>(x) * image::kChannels, size, source.stride};
}

/// `source` in another size by OpenCV's INTER_LINEAR on uint8. Throws cv::Exception, std::bad_alloc.
[[nodiscard]] image::Image resize_opencv(const image::ImageView& source, Size size);

/// `source` in another size by Pillow's BILINEAR: a triangle filter that widens when shrinking, weights in 22-bit fixed
/// point, rows first and rounded to 8 bits, then columns. Equal to Pillow bit for bit. Throws std::bad_alloc.
[[nodiscard]] image::Image resize_pillow(const image::ImageView& source, Size size);

}  // namespace osprey::vision
