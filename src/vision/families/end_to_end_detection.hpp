// Detection networks that give finished detections: [B, K, 6] with x1, y1, x2, y2 in network pixels, score, class; a
// row per detection. Shared by YOLOv10, YOLO26 and packages with NMS fused into the network.
#pragma once

#include <memory>

#include "vision/families/candidates.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// What such families differ in (inference-math 5.2).
struct EndToEndRules {
  float default_confidence = 0.4F;
  Passing passing = Passing::at_least;
  bool honours_max_detections = false;
  /// Exports of the same network in the YOLOv8 layout [B, 4 + C, N] are read too, with NMS; told apart by shape.
  bool reads_yolov8_layout = false;
};

/// Score: column 4; the model's order. NMS parameters have no effect, except on exports in the YOLOv8 layout.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_end_to_end_detection(FamilyConfig config, EndToEndRules rules);

/// A package with post_processing.fused: score at or above the threshold (default 0.4), only this layout.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_fused_detection(FamilyConfig config);

}  // namespace osprey::vision
