// RF-DETR keypoint detection. Outputs: boxes [B, Q, 4], logits [B, Q, C'] (as in detection) and keypoints
// [B, Q, C' * slots, 8]: x, y (0..1), findable logit, visible logit, log l11, l21, log l22, class logit. The trainer's
// newer exports have no keypoints for the column of no objects, the last: [B, Q, (C' - 1) * slots, 8].
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Score: s * m^-0.2 over 1 plus that, with s the class sigmoid and m the mean of the trace of the keypoints'
/// covariances, weighted by findability (inference-math 7.1); above the threshold (default 0.4), every pair of query
/// and class, best first. A keypoint's confidence is its findability, threshold 0.3; its place is clamped to the image.
/// Class ids index the names without config.removed_classes; config.skeletons may be told with or without the removed
/// ones. Errors: data_corrupted when the package names no keypoints.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_rfdetr_keypoints(FamilyConfig config);

}  // namespace osprey::vision
