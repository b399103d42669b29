// YOLOv8, v9, v11 and v12 detection. Output [B, 4 + C, N]: cx, cy, w, h in network pixels and C activated class scores,
// a column per candidate.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score: the best class score, above the threshold (default 0.4); NMS. With `config.fused` the network has NMS inside:
/// see end_to_end_detection.hpp.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolov8(FamilyConfig config);

}  // namespace osprey::vision
