// The table of families: which factory reads which (task, architecture). Names are reduced to base names first.
#include <algorithm>
#include <string>
#include <utility>

#include "vision/families/architecture.hpp"
#include "vision/families/classification.hpp"
#include "vision/families/family.hpp"
#include "vision/families/rfdetr.hpp"
#include "vision/families/rfdetr_keypoints.hpp"
#include "vision/families/rfdetr_segmentation.hpp"
#include "vision/families/semantic_segmentation.hpp"
#include "vision/families/yolact.hpp"
#include "vision/families/yolo26.hpp"
#include "vision/families/yolo26_pose.hpp"
#include "vision/families/yolo_segmentation.hpp"
#include "vision/families/yololite.hpp"
#include "vision/families/yolonas.hpp"
#include "vision/families/yolov10.hpp"
#include "vision/families/yolov5.hpp"
#include "vision/families/yolov8.hpp"
#include "vision/families/yolov8_pose.hpp"
#include "vision/families/yolox.hpp"

namespace osprey::vision {
namespace {

using Factory = Result<std::unique_ptr<const Family>> (*)(FamilyConfig config);

struct Row {
  Task task;
  std::string_view architecture;
  Factory make;
};

constexpr Row kFamilies[] = {
    {Task::object_detection, "yolov5", make_yolov5},
    {Task::object_detection, "yolov8", make_yolov8},
    {Task::object_detection, "yolov9", make_yolov8},
    {Task::object_detection, "yolov10", make_yolov10},
    {Task::object_detection, "yolov11", make_yolov8},
    {Task::object_detection, "yolov12", make_yolov8},
    {Task::object_detection, "yolo26", make_yolo26},
    {Task::object_detection, "yolonas", make_yolonas},
    {Task::object_detection, "yololite", make_yololite},
    {Task::object_detection, "yolox", make_yolox},
    {Task::object_detection, "rfdetr", make_rfdetr},

    {Task::instance_segmentation, "yolov5", make_yolo_segmentation},
    {Task::instance_segmentation, "yolov7", make_yolo_segmentation},
    {Task::instance_segmentation, "yolov8", make_yolo_segmentation},
    {Task::instance_segmentation, "yolov9", make_yolo_segmentation},
    {Task::instance_segmentation, "yolov11", make_yolo_segmentation},
    {Task::instance_segmentation, "yolov12", make_yolo_segmentation},
    {Task::instance_segmentation, "yolo26", make_yolo_segmentation},
    {Task::instance_segmentation, "yolact", make_yolact},
    {Task::instance_segmentation, "rfdetr", make_rfdetr_segmentation},

    {Task::keypoint_detection, "yolov8", make_yolov8_pose},
    {Task::keypoint_detection, "yolov11", make_yolov8_pose},
    {Task::keypoint_detection, "yolov12", make_yolov8_pose},
    {Task::keypoint_detection, "yolo26", make_yolo26_pose},
    {Task::keypoint_detection, "rfdetr", make_rfdetr_keypoints},

    {Task::classification, "vit", make_classification},
    {Task::classification, "resnet", make_classification},
    {Task::classification, "yolov8", make_classification},
    {Task::classification, "yolov11", make_classification},
    {Task::classification, "yolov12", make_classification},
    {Task::classification, "yolo26", make_classification},

    {Task::multi_label_classification, "vit", make_multi_label_classification},
    {Task::multi_label_classification, "resnet", make_multi_label_classification},

    {Task::semantic_segmentation, "deep-lab-v3-plus", make_semantic_segmentation},
    {Task::semantic_segmentation, "yolo26", make_semantic_segmentation},
    {Task::semantic_segmentation, "rfdetr", make_semantic_segmentation},
};

}  // namespace

Result<std::unique_ptr<const Family>> make_family(FamilyConfig config) {
  const std::string_view base = base_architecture(config.task, config.architecture);
  const auto* const row = std::find_if(std::begin(kFamilies), std::end(kFamilies), [&](const Row& candidate) {
    return candidate.task == config.task && candidate.architecture == base;
  });
  if (row == std::end(kFamilies)) {
    std::string known;
    for (const std::string_view name : known_architectures(config.task)) {
      known += (known.empty() ? "" : ", ") + std::string(name);
    }
    return Error{Code::unsupported, "no family reads the architecture \"" + config.architecture + "\" for " +
                                        std::string(to_string(config.task)) + "; known are " + known +
                                        " and their variants"};
  }
  if (config.class_names.empty()) return Error{Code::data_corrupted, "the model has no class names"};
  config.architecture = base;
  return row->make(std::move(config));
}

std::vector<std::string_view> known_architectures(Task task) {
  std::vector<std::string_view> names;
  for (const Row& row : kFamilies) {
    if (row.task == task) names.push_back(row.architecture);
  }
  return names;
}

}  // namespace osprey::vision
