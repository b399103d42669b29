// What a model does. The names are those of the reference's packages and wire.
#pragma once

#include <optional>
#include <string_view>

namespace osprey::vision {

enum class Task {
  object_detection,
  instance_segmentation,
  classification,
  multi_label_classification,
  keypoint_detection,
  semantic_segmentation,
};

/// "object-detection", "instance-segmentation", "classification", "multi-label-classification", "keypoint-detection",
/// "semantic-segmentation".
[[nodiscard]] std::string_view to_string(Task task);

/// The task of such a name; also of the names that trainers write in their exports ("detect", "segment", "classify",
/// "pose", "semantic").
[[nodiscard]] std::optional<Task> task_from_name(std::string_view name);

}  // namespace osprey::vision
