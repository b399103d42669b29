#include "vision/families/yolov10.hpp"

#include <utility>

#include "vision/families/end_to_end_detection.hpp"

namespace osprey::vision {

Result<std::unique_ptr<const Family>> make_yolov10(FamilyConfig config) {
  return make_end_to_end_detection(std::move(config), {.default_confidence = 0.4F,
                                                       .passing = Passing::above,
                                                       .honours_max_detections = true,
                                                       .reads_yolov8_layout = true});
}

}  // namespace osprey::vision
