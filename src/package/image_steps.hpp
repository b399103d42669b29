// The steps that both package layouts apply to the image before it is resized.
#pragma once

#include "package/json_node.hpp"
#include "vision/preprocess.hpp"

namespace osprey::package {

/// Reads static-crop, grayscale and contrast of `node` (an object, or absent) into the plan; a step without
/// "enabled": true is left out. auto-orient is not looked at: images are always turned as EXIF says. Problems: percents
/// outside 0..100 or min not below max, an unknown contrast type.
void read_image_steps(const JsonNode& node, vision::PreprocessPlan& plan);

}  // namespace osprey::package
