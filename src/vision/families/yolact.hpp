// YOLACT: anchor-based instance segmentation with prototypes.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// Five outputs, in this order: locations [1, N, 4], scores [1, N, 1 + C] (softmax done, background first), mask
/// coefficients [1, N, P], priors [N, 4] (centre and size, 0..1), prototypes [1, h, w, P]. Boxes from locations and
/// priors with variances 0.1 and 0.2, NMS over the classes without the background, sigmoid masks (inference-math 6).
/// One image at a time. Errors: none so far.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolact(FamilyConfig config);

}  // namespace osprey::vision
