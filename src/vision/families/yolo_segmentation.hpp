// Instance segmentation of the YOLO families: detections with mask coefficients, and prototypes [B, 32, h, w].
#pragma once

#include <memory>

#include "base/result.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// By config.architecture (inference-math 5.2 and 6; P: number of prototypes, C: of classes):
///   yolov8, 9, 11, 12  [B, 4 + C + P, N], NMS; with config.fused [B, K, 6 + P] in the model's order; sigmoid masks
///   yolov5, yolov7     [B, N, 5 + C + P], NMS; yolov5 thresholds the objectness, yolov7 the class score;
///                      sigmoid masks
///   yolo26             [B, K, 6 + P] in the model's order, or [B, 4 + C + P, N] with NMS, told apart by shape; raw
///   masks
/// Which output holds the prototypes is told by rank; of YOLOv7's five outputs the first and the last are read.
/// Errors: unsupported for another architecture.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolo_segmentation(FamilyConfig config);

}  // namespace osprey::vision
