// YOLOv8, v11 and v12 keypoint detection. Output [B, 4 + C + 3 * slots, N]; see yolo_pose.hpp.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score: the best class score, above the threshold (default 0.4); NMS. Keypoint threshold 0. With `config.fused` the
/// end-to-end layout is read too.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolov8_pose(FamilyConfig config);

}  // namespace osprey::vision
