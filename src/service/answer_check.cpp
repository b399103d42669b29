#include "service/answer_check.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

namespace osprey::service {
namespace {

bool finite(float value) {
  return std::isfinite(value);
}

bool finite(const vision::Detection& detection) {
  const auto& box = detection.box;
  return std::isfinite(detection.confidence) && std::isfinite(box.x1) && std::isfinite(box.y1) &&
         std::isfinite(box.x2) && std::isfinite(box.y2);
}

bool finite(const vision::Instance& instance) {
  return finite(instance.detection);
}

bool finite(const vision::Keypoint& keypoint) {
  return std::isfinite(keypoint.x) && std::isfinite(keypoint.y) && std::isfinite(keypoint.confidence);
}

bool finite(const vision::ClassScore& score) {
  return std::isfinite(score.confidence);
}

template <typename Elements>
bool all_finite(const Elements& elements) {
  return std::all_of(elements.begin(), elements.end(), [](const auto& element) { return finite(element); });
}

bool finite(const vision::Pose& pose) {
  return finite(pose.detection) && all_finite(pose.keypoints);
}

struct Check {
  bool operator()(const vision::ObjectDetections& found) const { return all_finite(found.detections); }
  bool operator()(const vision::InstanceSegments& found) const { return all_finite(found.instances); }
  bool operator()(const vision::Poses& found) const {
    return std::all_of(found.poses.begin(), found.poses.end(), [](const auto& pose) { return finite(pose); });
  }
  bool operator()(const vision::Classification& found) const { return all_finite(found.scores); }
  bool operator()(const vision::MultiLabelClassification& found) const { return all_finite(found.scores); }
  bool operator()(const vision::SemanticMap&) const { return true; }
};

}  // namespace

bool is_finite(const vision::Prediction& prediction) {
  return std::visit(Check{}, prediction);
}

}  // namespace osprey::service
