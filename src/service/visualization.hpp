// Pictures of predictions, drawn over the image.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.hpp"
#include "image/image.hpp"
#include "package/package.hpp"
#include "vision/predictions.hpp"

namespace osprey::service {

struct VisualizationOptions {
  bool labels = false;   ///< class name and confidence at each object
  int stroke_width = 1;  ///< pixels
};

/// Draws `prediction` on `canvas` in the package's class colours and encodes it as JPEG (quality 90).
/// Errors: internal when drawing or encoding fails. Thread-safe.
[[nodiscard]] Result<std::vector<std::byte>> visualize(image::Image canvas, const vision::Prediction& prediction,
                                                       const package::Package& package,
                                                       const VisualizationOptions& options);

}  // namespace osprey::service
