// RF-DETR instance segmentation: a mask for each query.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// Boxes [B, Q, 4], logits [B, Q, C'] and mask logits [B, Q, h, w], in this order (inference-math 5.4 and 6): no NMS,
/// best first, at most max_detections; the query's mask logits > 0 after the resize, not cropped to the box.
/// Errors: none so far.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_rfdetr_segmentation(FamilyConfig config);

}  // namespace osprey::vision
