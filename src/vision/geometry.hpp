// The way from an image's pixels to the network's and back.
#pragma once

#include "image/image.hpp"

namespace osprey::vision {

using image::Size;

/// Corners in pixels: left, top, right, bottom.
struct Box {
  float x1 = 0;
  float y1 = 0;
  float x2 = 0;
  float y2 = 0;
  friend bool operator==(const Box&, const Box&) = default;
};

/// A point in pixels.
struct Point {
  float x = 0;
  float y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

/// How one image was brought to the network's input, so that results find the way back.
/// Network pixel = (image pixel - crop offset) * scale + pad. `network` is the size in which boxes are told: the
/// network's input, or the intermediate size of a two-step resize.
struct Geometry {
  Size image;    ///< the decoded image, after EXIF rotation
  Size crop;     ///< after the static crop; equals `image` without one
  Size network;  ///< see above
  int crop_x = 0;
  int crop_y = 0;
  int pad_left = 0;  ///< network pixels; negative where a center-crop cut pixels off
  int pad_top = 0;
  int pad_right = 0;
  int pad_bottom = 0;
  float scale_w = 1;
  float scale_h = 1;
};

/// A box of the network's pixels in the image's: pads off, scale undone, crop offset added, clamped to the image,
/// rounded half to even; so every corner is an integer (inference-math 5.3 of the reference).
[[nodiscard]] Box to_image(const Box& network_box, const Geometry& geometry);

/// A point of the network's pixels in the image's, rounded half to even, not clamped.
[[nodiscard]] Point to_image(const Point& network_point, const Geometry& geometry);

}  // namespace osprey::vision
