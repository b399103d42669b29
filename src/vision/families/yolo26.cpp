#include "vision/families/yolo26.hpp"

#include <utility>

#include "vision/families/end_to_end_detection.hpp"

namespace osprey::vision {

Result<std::unique_ptr<const Family>> make_yolo26(FamilyConfig config) {
  return make_end_to_end_detection(std::move(config), {.default_confidence = 0.25F,
                                                       .passing = Passing::at_least,
                                                       .honours_max_detections = false,
                                                       .reads_yolov8_layout = true});
}

}  // namespace osprey::vision
