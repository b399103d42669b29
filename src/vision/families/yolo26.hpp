// YOLO26 detection. Output [B, K, 6] (see end_to_end_detection.hpp), or the YOLOv8 layout [B, 4 + C, N].
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score at or above the threshold (default 0.25); every row that passes, in the model's order; no NMS. Exports in the
/// YOLOv8 layout are suppressed as YOLOv8.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolo26(FamilyConfig config);

}  // namespace osprey::vision
