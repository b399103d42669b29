// YOLO26 keypoint detection. Output [B, K, 6 + 3 * slots], or the YOLOv8 layout; see yolo_pose.hpp.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score at or above the threshold (default 0.25), the model's order. Keypoint threshold 0.3.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolo26_pose(FamilyConfig config);

}  // namespace osprey::vision
