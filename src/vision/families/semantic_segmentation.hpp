// Semantic segmentation: a class for each pixel.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// Logits [B, K, h, w] of DeepLabV3+, YOLO26 and RF-DETR, by config.architecture (inference-math 7.3). K is the number
/// of class names, or one less when the network leaves out the background; with K = 1 the sigmoid is the probability
/// of the one other class. Class names must hold "background" (in any case): pixels below the threshold get it.
/// Errors: unsupported for another architecture; data_corrupted when there is no background among the class names, or
/// more names than ids of 8 bits.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_semantic_segmentation(FamilyConfig config);

}  // namespace osprey::vision
