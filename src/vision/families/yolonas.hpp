// YOLO-NAS detection. Two outputs, in either order: boxes [B, N, 4] (x1, y1, x2, y2 in network pixels) and activated
// class scores [B, N, C].
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score: the best class score, above the threshold (default 0.4); NMS. With 4 classes both outputs have one shape:
/// then boxes come first.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolonas(FamilyConfig config);

}  // namespace osprey::vision
