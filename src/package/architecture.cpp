#include "package/architecture.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "package/json_node.hpp"
#include "vision/families/family.hpp"

namespace osprey::package {
namespace {

using vision::ColorMode;
using vision::ResizeMode;
using vision::Task;

constexpr std::array kTasks{Task::object_detection,           Task::instance_segmentation, Task::classification,
                            Task::multi_label_classification, Task::keypoint_detection,    Task::semantic_segmentation};

bool starts_with_any(std::string_view name, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

}  // namespace

InputStyle input_style(std::string_view architecture) {
  if (architecture.starts_with("rfdetr")) return InputStyle::rfdetr;
  if (architecture.starts_with("yolox")) return InputStyle::yolox;
  if (architecture.starts_with("vit")) return InputStyle::vit;
  static constexpr std::array<std::string_view, 2> kResNetLike{"resnet", "dinov3"};
  if (starts_with_any(architecture, kResNetLike)) return InputStyle::resnet;
  static constexpr std::array<std::string_view, 2> kDeepLab{"deeplab", "deep-lab"};
  if (starts_with_any(architecture, kDeepLab)) return InputStyle::deeplab;
  return InputStyle::yolo;
}

bool needs_nms_post_processing(std::string_view architecture) {
  static constexpr std::array<std::string_view, 8> kBeginnings{"yolov8",  "yolov9", "yolov11", "yolo11",
                                                               "yolov12", "yolo12", "yolonas", "yolo_nas"};
  return starts_with_any(architecture, kBeginnings);
}

bool is_nms_free(std::string_view architecture) {
  return architecture.starts_with("yolov10") || architecture.starts_with("yolo26");
}

std::string task_names() {
  std::string names;
  for (const Task task : kTasks) names += (names.empty() ? "" : ", ") + std::string(vision::to_string(task));
  return names;
}

std::string architecture_choices(std::optional<Task> task) {
  std::string choices;
  for (const Task each : kTasks) {
    if (task && each != *task) continue;
    choices += (choices.empty() ? "" : "; ") + std::string(vision::to_string(each)) + ": ";
    choices += join(vision::known_architectures(each));
  }
  return choices;
}

void set_resize(vision::PreprocessPlan& plan, InputStyle style, PackageResizeMode mode, int padding,
                std::optional<vision::Size> dataset_size) {
  plan.padding_value = padding;
  plan.intermediate.reset();
  switch (mode) {
    case PackageResizeMode::stretch: plan.resize_mode = ResizeMode::stretch; break;
    case PackageResizeMode::letterbox:
    case PackageResizeMode::letterbox_reflect_edges: plan.resize_mode = ResizeMode::letterbox; break;
    case PackageResizeMode::center_crop: plan.resize_mode = ResizeMode::center_crop; break;
    case PackageResizeMode::fit_longer_edge: {
      const bool yolo = style == InputStyle::yolo || style == InputStyle::yolox;
      plan.resize_mode = yolo || style == InputStyle::deeplab ? ResizeMode::letterbox : ResizeMode::stretch;
      plan.padding_value = yolo ? 127 : 0;
      break;
    }
  }
  if (style != InputStyle::rfdetr) return;
  plan.resampling = vision::Resampling::pillow_bilinear;
  if (dataset_size && plan.resize_mode != ResizeMode::stretch) {
    plan.intermediate = dataset_size;
  } else {
    plan.resize_mode = ResizeMode::stretch;
  }
}

vision::Normalization imagenet_normalization() {
  return {{0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}};
}

vision::Normalization symmetric_normalization() {
  return {{0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}};
}

vision::PreprocessPlan default_plan(InputStyle style, Task task) {
  constexpr int kGrey = 114;  // the padding that the trainers of these families use
  vision::PreprocessPlan plan;
  switch (style) {
    case InputStyle::yolo: {
      const bool whole = task == Task::classification || task == Task::multi_label_classification;
      set_resize(plan, style, whole ? PackageResizeMode::stretch : PackageResizeMode::letterbox, kGrey, std::nullopt);
      break;
    }
    case InputStyle::yolox:
      set_resize(plan, style, PackageResizeMode::letterbox, kGrey, std::nullopt);
      plan.letterbox_anchor = vision::LetterboxAnchor::top_left;
      plan.color_mode = ColorMode::bgr;
      plan.scaling_factor.reset();
      break;
    case InputStyle::rfdetr:
    case InputStyle::resnet:
    case InputStyle::deeplab:
      set_resize(plan, style, PackageResizeMode::stretch, 0, std::nullopt);
      plan.normalization = imagenet_normalization();
      break;
    case InputStyle::vit:
      set_resize(plan, style, PackageResizeMode::stretch, 0, std::nullopt);
      plan.normalization = symmetric_normalization();
      break;
  }
  return plan;
}

}  // namespace osprey::package
