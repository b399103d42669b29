#include "vision/mask_grid.hpp"

#include <algorithm>
#include <cmath>

namespace osprey::vision {
namespace {

// Far above any real grid, low enough that sums stay within int whatever a package says of its sizes.
constexpr double kMaxCells = 1 << 24;

int rounded(double value) {
  return static_cast<int>(std::nearbyint(std::clamp(value, -kMaxCells, kMaxCells)));
}

double resolution_factor(const DecodeOptions& options) {
  if (!options.allow_reduced_mask_resolution) return 1;
  switch (options.mask_decode_mode) {
    case MaskDecodeMode::accurate: return 1;
    case MaskDecodeMode::fast: return 0;
    case MaskDecodeMode::tradeoff: break;
  }
  const auto factor = static_cast<double>(options.tradeoff_factor);
  return factor > 0 ? std::min(factor, 1.0) : 0;
}

/// One axis of the grid; the two do not depend on each other.
struct Axis {
  int start = 0;
  int window = 0;
  int target = 0;
  int offset = 0;
  int canvas = 0;
};

Axis axis_of(int cells, int network, int pad_before, int pad_after, int crop, int crop_offset, int image,
             double factor) {
  Axis axis;
  const double cells_per_pixel = static_cast<double>(cells) / std::max(network, 1);
  axis.start = rounded(cells_per_pixel * pad_before);
  axis.window = std::max(cells - axis.start - rounded(cells_per_pixel * pad_after), 0);
  axis.target = factor >= 1 ? crop : std::max(1, rounded(std::max(axis.window, 1) * (1 - factor) + crop * factor));
  if (crop == image) {
    axis.canvas = axis.target;
    return axis;
  }
  // A static crop: the canvas keeps the grid's ratio to the image, and always has room for what is put on it.
  const double ratio = static_cast<double>(axis.target) / std::max(crop, 1);
  axis.offset = rounded(crop_offset * ratio);
  axis.canvas = std::max({1, rounded(image * ratio), axis.offset + axis.target});
  return axis;
}

float on_canvas(float value, int pad, double scale, int offset, int canvas) {
  value = (value - static_cast<float>(pad)) / static_cast<float>(scale) + static_cast<float>(offset);
  // Written so that NaN becomes 0.
  return value > 0 ? std::min(value, static_cast<float>(canvas)) : 0;
}

}  // namespace

MaskGrid mask_grid(const Geometry& geometry, Size cells, const DecodeOptions& options) {
  const double factor = resolution_factor(options);
  const Axis x = axis_of(cells.width, geometry.network.width, geometry.pad_left, geometry.pad_right,
                         geometry.crop.width, geometry.crop_x, geometry.image.width, factor);
  const Axis y = axis_of(cells.height, geometry.network.height, geometry.pad_top, geometry.pad_bottom,
                         geometry.crop.height, geometry.crop_y, geometry.image.height, factor);
  MaskGrid grid;
  grid.cells = cells;
  grid.left = x.start;
  grid.top = y.start;
  if (x.window > 0 && y.window > 0) grid.window = {x.window, y.window};
  grid.target = {x.target, y.target};
  grid.offset_x = x.offset;
  grid.offset_y = y.offset;
  grid.canvas = {x.canvas, y.canvas};
  return grid;
}

Box to_mask_grid(const Box& network_box, const Geometry& geometry, const MaskGrid& grid) {
  if (grid.target == geometry.crop && grid.canvas == geometry.image) return to_image(network_box, geometry);
  const double scale_x = static_cast<double>(geometry.scale_w) * geometry.crop.width / grid.target.width;
  const double scale_y = static_cast<double>(geometry.scale_h) * geometry.crop.height / grid.target.height;
  Box box{on_canvas(network_box.x1, geometry.pad_left, scale_x, grid.offset_x, grid.canvas.width),
          on_canvas(network_box.y1, geometry.pad_top, scale_y, grid.offset_y, grid.canvas.height),
          on_canvas(network_box.x2, geometry.pad_left, scale_x, grid.offset_x, grid.canvas.width),
          on_canvas(network_box.y2, geometry.pad_top, scale_y, grid.offset_y, grid.canvas.height)};
  if (grid.canvas == geometry.image) {
    box = {std::nearbyint(box.x1), std::nearbyint(box.y1), std::nearbyint(box.x2), std::nearbyint(box.y2)};
  }
  return box;
}

}  // namespace osprey::vision
