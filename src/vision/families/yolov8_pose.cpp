#include "vision/families/yolov8_pose.hpp"

#include <utility>

#include "vision/families/yolo_pose.hpp"

namespace osprey::vision {

Result<std::unique_ptr<const Family>> make_yolov8_pose(FamilyConfig config) {
  const PoseRules rules{.default_confidence = 0.4F, .keypoint_threshold = 0, .reads_end_to_end_layout = config.fused};
  return make_yolo_pose(std::move(config), rules);
}

}  // namespace osprey::vision
