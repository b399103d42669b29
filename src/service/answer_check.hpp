// The last look at what is about to be answered.
#pragma once

#include "vision/predictions.hpp"

namespace osprey::service {

/// Whether all that is told of a prediction are numbers: boxes, confidences, keypoints, scores. (A semantic map is made
/// of bytes.) Costs nanoseconds for each thing found.
[[nodiscard]] bool is_finite(const vision::Prediction& prediction);

}  // namespace osprey::service
