#include "vision/families/yolo26_pose.hpp"

#include <utility>

#include "vision/families/yolo_pose.hpp"

namespace osprey::vision {

Result<std::unique_ptr<const Family>> make_yolo26_pose(FamilyConfig config) {
  return make_yolo_pose(std::move(config),
                        {.default_confidence = 0.25F, .keypoint_threshold = 0.3F, .reads_end_to_end_layout = true});
}

}  // namespace osprey::vision
