#include "vision/families/yolov8.hpp"

#include <array>
#include <string>
#include <utility>

#include "vision/families/candidates.hpp"
#include "vision/families/end_to_end_detection.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;

class Yolov8 final : public Family {
 public:
  explicit Yolov8(FamilyConfig config)
      : config_(std::move(config)),
        class_count_(static_cast<int>(config_.class_names.size())),
        expected_{-1, 4 + class_count_, -1} {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto image = output_of_image(outputs, 0, index, expected_);
    if (!image) return image.error();
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto kept =
        non_maximum_suppression(yolov8_candidates(*image, class_count_, thresholds), nms_options(options));
    return Prediction(to_detections(kept, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    return check_shapes(config_.architecture, outputs, std::array{expected_},
                        "4 box values + " + std::to_string(class_count_) +
                            " classes, a column per candidate; or [?,?,6] when the package says that NMS is fused");
  }

 private:
  FamilyConfig config_;
  int class_count_;
  Shape expected_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolov8(FamilyConfig config) {
  if (config.fused) return make_fused_detection(std::move(config));
  return std::unique_ptr<const Family>(std::make_unique<Yolov8>(std::move(config)));
}

}  // namespace osprey::vision
