#include "vision/families/architecture.hpp"

#include <cstddef>

namespace osprey::vision {
namespace {

/// One line a naming scheme. Sources: the reference's own names (its model registry) and the names of the trainers.
struct Naming {
  Task task;
  std::string_view base;
  std::string_view pattern;
};

constexpr Task kDetection = Task::object_detection;
constexpr Task kInstances = Task::instance_segmentation;
constexpr Task kKeypoints = Task::keypoint_detection;
constexpr Task kClasses = Task::classification;
constexpr Task kLabels = Task::multi_label_classification;
constexpr Task kSemantic = Task::semantic_segmentation;

constexpr Naming kNamings[] = {
    {kDetection, "yolov5", "yolov5{,n,s,m,l,x,v2s,v6n,v6s,v6m,v6l,v6x}"},
    {kDetection, "yolov8", "yolov8{,n,s,m,l,x}"},
    {kDetection, "yolov9", "yolov9{,t,s,m,c,e}"},
    {kDetection, "yolov10", "yolov10{,n,s,b,m,l,x}"},
    {kDetection, "yolov11", "yolo{v,}11{,n,s,m,l,x}"},
    {kDetection, "yolov12", "yolo{v,}12{,n,s,m,l,x}"},
    {kDetection, "yolo26", "yolo26{,n,s,b,m,l,x}"},
    {kDetection, "yolonas", "{yolonas,yolo_nas,yolo_nas_s,yolo_nas_m,yolo_nas_l}"},
    {kDetection, "yololite", "yololite{,-edge}{,-n,-s,-m,-l,-xl}"},
    {kDetection, "yolox", "yolox{,-nano,-tiny,-s,-m,-l,-x,_nano,_tiny,_s,_m,_l,_x}"},
    {kDetection, "rfdetr", "rfdetr{,-base,-nano,-small,-medium,-large,-xlarge,-2xlarge,-nas}"},

    {kInstances, "yolov5", "yolov5{,n,s,m,l,x}{,-seg}"},
    {kInstances, "yolov7", "yolov7{,s}{,-seg}"},
    {kInstances, "yolov8", "yolov8{,n,s,m,l,x}{,-seg}"},
    {kInstances, "yolov9", "yolov9{,c,e}{,-seg}"},
    {kInstances, "yolov11", "yolo{v,}11{,n,s,m,l,x}{,-seg}"},
    {kInstances, "yolov12", "yolo{v,}12{,n,s,m,l,x}{,-seg}"},
    {kInstances, "yolo26", "yolo26{,n,s,b,m,l,x}{,-seg}"},
    {kInstances, "yolact", "yolact"},
    {kInstances, "rfdetr", "rfdetr{,-nas}{,-seg}"},
    {kInstances, "rfdetr", "rfdetr-seg-{preview,nano,small,medium,large,xlarge,2xlarge,xxlarge}"},

    {kKeypoints, "yolov8", "yolov8{,n,s,m,l,x}{,-pose}"},
    {kKeypoints, "yolov11", "yolo{v,}11{,n,s,m,l,x}{,-pose}"},
    {kKeypoints, "yolov12", "yolo{v,}12{,n,s,m,l,x}{,-pose}"},
    {kKeypoints, "yolo26", "yolo26{,n,s,b,m,l,x}{,-pose}"},
    {kKeypoints, "rfdetr", "rfdetr{,-keypoint-preview}"},

    {kClasses, "vit", "vit"},
    {kClasses, "resnet", "resnet{,18,34,50,101,152}"},
    {kClasses, "yolov8", "yolov8{,n,s,m,l,x}{,-cls}"},
    {kClasses, "yolov11", "yolo{v,}11{,n,s,m,l,x}{,-cls}"},
    {kClasses, "yolov12", "yolo{v,}12{,n,s,m,l,x}{,-cls}"},
    {kClasses, "yolo26", "yolo26{,n,s,m,l,x}{,-cls}"},

    {kLabels, "vit", "vit"},
    {kLabels, "resnet", "resnet{,18,34,50,101,152}"},

    {kSemantic, "deep-lab-v3-plus", "{deep-lab-v3-plus,deeplabv3plus}"},
    {kSemantic, "yolo26", "yolo26{,n,s,b,m,l,x}{,-sem}"},
    {kSemantic, "rfdetr", "rfdetr{,-nas}{,-sem}"},
    {kSemantic, "rfdetr", "rfdetr-sem-{preview,nano,small,medium,large,xlarge,2xlarge,xxlarge}"},
};

}  // namespace

bool matches_name(std::string_view pattern, std::string_view name) {
  const std::size_t open = pattern.find('{');
  const std::string_view literal = pattern.substr(0, open);
  if (open == std::string_view::npos) return name == literal;
  if (!name.starts_with(literal)) return false;
  name.remove_prefix(literal.size());

  const std::size_t close = pattern.find('}', open);
  if (close == std::string_view::npos) return false;
  std::string_view alternatives = pattern.substr(open + 1, close - open - 1);
  const std::string_view rest = pattern.substr(close + 1);
  while (true) {
    const std::size_t comma = alternatives.find(',');
    const std::string_view alternative = alternatives.substr(0, comma);
    if (name.starts_with(alternative) && matches_name(rest, name.substr(alternative.size()))) return true;
    if (comma == std::string_view::npos) return false;
    alternatives.remove_prefix(comma + 1);
  }
}

std::string_view base_architecture(Task task, std::string_view name) {
  for (const Naming& naming : kNamings) {
    if (naming.task == task && matches_name(naming.pattern, name)) return naming.base;
  }
  return {};
}

}  // namespace osprey::vision
