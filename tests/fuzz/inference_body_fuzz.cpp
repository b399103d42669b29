#include <string>

#include "api/error_json.hpp"
#include "api/inference_body.hpp"
#include "fuzz_target.hpp"

FUZZ_TARGET(inference_body)(std::span<const std::byte> bytes) {
  using osprey::api::Route;
  for (const Route route : {Route::instance_segmentation, Route::keypoints_detection, Route::classification}) {
    const osprey::api::InferenceBody body(route, std::string(osprey::as_text(bytes)), true);
    (void)osprey::api::problems_json(body.problems());
  }
  (void)osprey::api::parse_model_body(std::string(osprey::as_text(bytes)), true);
}
