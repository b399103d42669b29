// How binary masks are told to clients: as a polygon, and in COCO's run-length encoding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vision/geometry.hpp"
#include "vision/predictions.hpp"

namespace osprey::vision {

/// The contour with the most vertices (external contours as OpenCV finds them, straight runs compressed, the first one
/// on ties), in canvas pixels. Empty when the mask is.
[[nodiscard]] std::vector<Point> mask_polygon(const MaskRegion& mask);

/// The mask's run lengths on a canvas of that size, column by column: zeros, ones, zeros, ... starting with zeros (0
/// when the first pixel is a one) and adding up to the canvas's area. What lies outside the canvas is cut off.
[[nodiscard]] std::vector<std::int64_t> mask_runs(const MaskRegion& mask, Size canvas);

/// COCO's compressed form of mask_runs: each run (from the fourth on, its difference from the one two before) in groups
/// of five bits, lowest first, as characters from '0' on, the sixth bit telling that more follow.
[[nodiscard]] std::string mask_rle(const MaskRegion& mask, Size canvas);

}  // namespace osprey::vision
