#include "vision/families/yolov5.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "vision/families/candidates.hpp"
#include "vision/families/end_to_end_detection.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;

class Yolov5 final : public Family {
 public:
  explicit Yolov5(FamilyConfig config)
      : config_(std::move(config)),
        class_count_(config_.class_names.size()),
        expected_{-1, -1, 5 + static_cast<std::int64_t>(class_count_)} {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto image = output_of_image(outputs, 0, index, expected_);
    if (!image) return image.error();
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto kept = non_maximum_suppression(candidates(*image, thresholds), nms_options(options));
    return Prediction(to_detections(kept, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const auto first = outputs.first(outputs.empty() ? 0 : 1);
    return check_shapes(
        config_.architecture, first, std::array{expected_},
        "4 box values + objectness + " + std::to_string(class_count_) + " classes, a row per candidate");
  }

 private:
  [[nodiscard]] std::vector<Candidate> candidates(const TensorView& image, const Thresholds& thresholds) const {
    std::vector<Candidate> found;
    const std::size_t width = 5 + class_count_;
    const auto rows = static_cast<std::size_t>(image.dim(0));
    for (std::size_t i = 0; i < rows; ++i) {
      const auto row = image.data.subspan(i * width, width);
      const float objectness = row[4];
      if (!(objectness > thresholds.lowest())) continue;
      const auto [score, class_id] = best_class(row.subspan(5));
      if (!(objectness > thresholds.of(class_id))) continue;
      found.push_back({box_from_center(row[0], row[1], row[2], row[3]), score, class_id, static_cast<int>(i)});
    }
    return found;
  }

  FamilyConfig config_;
  std::size_t class_count_;
  Shape expected_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolov5(FamilyConfig config) {
  if (config.fused) return make_fused_detection(std::move(config));
  return std::unique_ptr<const Family>(std::make_unique<Yolov5>(std::move(config)));
}

}  // namespace osprey::vision
