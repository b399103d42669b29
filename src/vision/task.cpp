#include "vision/task.hpp"

#include <array>
#include <utility>

namespace osprey::vision {
namespace {

using Name = std::pair<std::string_view, Task>;

constexpr std::array kNames{
    Name{"object-detection", Task::object_detection},
    Name{"instance-segmentation", Task::instance_segmentation},
    Name{"classification", Task::classification},
    Name{"multi-label-classification", Task::multi_label_classification},
    Name{"keypoint-detection", Task::keypoint_detection},
    Name{"semantic-segmentation", Task::semantic_segmentation},
};

constexpr std::array kTrainerNames{
    Name{"detect", Task::object_detection},        Name{"segment", Task::instance_segmentation},
    Name{"classify", Task::classification},        Name{"pose", Task::keypoint_detection},
    Name{"semantic", Task::semantic_segmentation},
};

}  // namespace

std::string_view to_string(Task task) {
  for (const auto& [name, named] : kNames) {
    if (named == task) return name;
  }
  return "unknown";
}

std::optional<Task> task_from_name(std::string_view name) {
  for (const auto& [known, task] : kNames) {
    if (known == name) return task;
  }
  for (const auto& [known, task] : kTrainerNames) {
    if (known == name) return task;
  }
  return std::nullopt;
}

}  // namespace osprey::vision
