// Classification by one score a class: ViT, ResNet, YOLO classifiers.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// One label an image (inference-math 7.2): [B, C] logits, or probabilities with config.fused. "best" and "default"
/// confidences mean 0.5 here. Errors: none so far.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_classification(FamilyConfig config);

/// Any number of labels an image: the same with a sigmoid in place of the softmax. A score that is NaN is told as 0.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_multi_label_classification(FamilyConfig config);

}  // namespace osprey::vision
