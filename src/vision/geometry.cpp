#include "vision/geometry.hpp"

#include <cmath>

namespace osprey::vision {
namespace {

// Float32 and in this order of operations: another order rounds some corners to another pixel.
float undo(float value, int pad, float scale, int crop) {
  value -= static_cast<float>(pad);
  value /= scale;
  value += static_cast<float>(crop);
  return value;
}

// Written so that NaN becomes 0: whoever turns corners into integers must not meet it.
float clamp_to(float value, int limit) {
  if (!(value > 0)) return 0;
  const auto most = static_cast<float>(limit);
  return value < most ? value : most;
}

}  // namespace

Box to_image(const Box& network_box, const Geometry& geometry) {
  const auto x = [&](float value) {
    value = undo(value, geometry.pad_left, geometry.scale_w, geometry.crop_x);
    return std::nearbyint(clamp_to(value, geometry.image.width));
  };
  const auto y = [&](float value) {
    value = undo(value, geometry.pad_top, geometry.scale_h, geometry.crop_y);
    return std::nearbyint(clamp_to(value, geometry.image.height));
  };
  return {x(network_box.x1), y(network_box.y1), x(network_box.x2), y(network_box.y2)};
}

Point to_image(const Point& network_point, const Geometry& geometry) {
  return {std::nearbyint(undo(network_point.x, geometry.pad_left, geometry.scale_w, geometry.crop_x)),
          std::nearbyint(undo(network_point.y, geometry.pad_top, geometry.scale_h, geometry.crop_y))};
}

}  // namespace osprey::vision
