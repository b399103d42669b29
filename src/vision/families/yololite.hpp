// YOLOLite detection. Three outputs, told apart by shape: boxes [B, N, 4] (x1, y1, x2, y2 in network pixels),
// objectness logits [B, N, 1], class logits [B, N, C].
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score: sigmoid(objectness) * sigmoid(class), its greatest, above the threshold (default 0.25); NMS. With 4 classes
/// boxes must come before the class logits. With `config.fused` see end_to_end_detection.hpp.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yololite(FamilyConfig config);

}  // namespace osprey::vision
