#include "package/image_steps.hpp"

#include <array>

namespace osprey::package {
namespace {

bool enabled(const JsonNode& step) {
  const JsonNode flag = step["enabled"];
  return flag.present() && flag.boolean();
}

}  // namespace

void read_image_steps(const JsonNode& node, vision::PreprocessPlan& plan) {
  if (const JsonNode crop = node["static-crop"]; enabled(crop)) {
    const vision::StaticCrop percent{crop["x_min"].integer(0, 100), crop["x_max"].integer(0, 100),
                                     crop["y_min"].integer(0, 100), crop["y_max"].integer(0, 100)};
    if (percent.x_min >= percent.x_max) crop["x_min"].reject("a number below x_max is expected");
    if (percent.y_min >= percent.y_max) crop["y_min"].reject("a number below y_max is expected");
    plan.static_crop = percent;
  }
  plan.grayscale = enabled(node["grayscale"]);
  if (const JsonNode contrast = node["contrast"]; enabled(contrast)) {
    static constexpr std::array<std::string_view, 3> kTypes{"Contrast Stretching", "Histogram Equalization",
                                                            "Adaptive Equalization"};
    static constexpr std::array kValues{vision::Contrast::stretching, vision::Contrast::histogram_equalization,
                                        vision::Contrast::adaptive_equalization};
    plan.contrast = kValues[contrast["type"].choice(kTypes)];
  }
}

}  // namespace osprey::package
