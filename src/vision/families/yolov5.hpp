// YOLOv5 detection. Output [B, N, 5 + C]: cx, cy, w, h in network pixels, objectness and C class scores, all activated;
// a row per candidate.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Passes: objectness above the threshold (default 0.4). Confidence reported and ordered by: the best class score
/// alone, as the reference does. NMS. Older exports carry raw heads behind the first output; they are not read.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolov5(FamilyConfig config);

}  // namespace osprey::vision
