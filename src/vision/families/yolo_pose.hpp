// YOLO keypoint detection in both layouts; `slots` is the most keypoints that any class has.
//   YOLOv8 layout [B, 4 + C + 3 * slots, N]: box, class scores, then x, y, confidence of each keypoint, by column; NMS
//   here. End-to-end layout [B, K, 6 + 3 * slots]: x1, y1, x2, y2, score, class, then the keypoints, by row; no NMS.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// What the pose families differ in (inference-math 7.1).
struct PoseRules {
  float default_confidence = 0.4F;
  float keypoint_threshold = 0;
  bool reads_end_to_end_layout = false;  ///< beside the YOLOv8 one; told apart by shape
};

/// Box scores pass above the threshold in the YOLOv8 layout, at or above it in the end-to-end one (the model's order).
/// Keypoints with less confidence than the threshold (the request's, else the rules') or with none are left out.
/// Errors: data_corrupted when the package names no keypoints.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolo_pose(FamilyConfig config, PoseRules rules);

}  // namespace osprey::vision
