// Where a network's mask output lies on the image, and the grid that masks and boxes are told in.
#pragma once

#include "vision/decode_options.hpp"
#include "vision/geometry.hpp"

namespace osprey::vision {

/// The way from the cells of a network's mask output to the pixels of a canvas (inference-math 6 and 6.1): the padding
/// is stripped, what remains is resized to `target`, and that is put at (offset_x, offset_y) of the canvas.
struct MaskGrid {
  Size cells;    ///< the mask output
  int left = 0;  ///< column of the mask output where the stripped window starts; negative: columns of zeros come first
  int top = 0;   ///< the same for rows
  Size window;   ///< without padding; 0 x 0 when the padding leaves nothing
  Size target;   ///< the static crop (the image without one) on the canvas
  int offset_x = 0;
  int offset_y = 0;
  Size canvas;  ///< the image's size, or a reduced one
};

/// The grid for a mask output of `cells`. With allow_reduced_mask_resolution the target is interpolated between the
/// stripped window (fast, factor 0) and the crop's size (accurate, factor 1); otherwise it is the crop's size.
[[nodiscard]] MaskGrid mask_grid(const Geometry& geometry, Size cells, const DecodeOptions& options);

/// A box of network pixels on the canvas, clamped to it; rounded half to even only where the canvas has the image's
/// size. NaN corners become 0.
[[nodiscard]] Box to_mask_grid(const Box& network_box, const Geometry& geometry, const MaskGrid& grid);

}  // namespace osprey::vision
