// RF-DETR detection. Outputs: boxes [B, Q, 4] (cx, cy, w, h, 0..1 of the network's input, or of the intermediate size
// of a two-step resize) and logits [B, Q, C'], where C' may hold more columns than there are classes.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score: sigmoid, above the threshold (default 0.4); the best Q pairs of query and class, best first; no NMS, so the
/// request's NMS parameters and max_detections have no effect. Class ids index the names without
/// config.removed_classes.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_rfdetr(FamilyConfig config);

}  // namespace osprey::vision
