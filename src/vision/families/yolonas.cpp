#include "vision/families/yolonas.hpp"

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

class Yolonas final : public Family {
 public:
  explicit Yolonas(FamilyConfig config)
      : config_(std::move(config)),
        class_count_(config_.class_names.size()),
        scores_shape_{-1, -1, static_cast<std::int64_t>(class_count_)} {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const std::size_t boxes_at = !outputs.empty() && outputs[0].dim(2) == 4 ? 0 : 1;
    const auto boxes = output_of_image(outputs, boxes_at, index, boxes_shape_);
    if (!boxes) return boxes.error();
    const auto scores = output_of_image(outputs, 1 - boxes_at, index, scores_shape_);
    if (!scores) return scores.error();
    if (boxes->dim(0) != scores->dim(0)) {
      return Error{Code::internal, "the network gave " + std::to_string(boxes->dim(0)) + " boxes and scores for " +
                                       std::to_string(scores->dim(0))};
    }
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto kept = non_maximum_suppression(candidates(*boxes, *scores, thresholds), nms_options(options));
    return Prediction(to_detections(kept, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    if (outputs.size() == 2) {
      const std::array swapped{outputs[1], outputs[0]};
      if (check(swapped)) return {};
    }
    return check(outputs);
  }

 private:
  [[nodiscard]] Status check(std::span<const TensorSpec> outputs) const {
    return check_shapes(config_.architecture, outputs, std::array{boxes_shape_, scores_shape_},
                        "boxes and scores of " + std::to_string(class_count_) + " classes, in either order");
  }

  [[nodiscard]] std::vector<Candidate> candidates(const TensorView& boxes, const TensorView& scores,
                                                  const Thresholds& thresholds) const {
    std::vector<Candidate> found;
    const auto rows = static_cast<std::size_t>(boxes.dim(0));
    for (std::size_t i = 0; i < rows; ++i) {
      const auto [score, class_id] = best_class(scores.data.subspan(i * class_count_, class_count_));
      if (!(score > thresholds.of(class_id))) continue;
      const auto box = boxes.data.subspan(i * 4, 4);
      found.push_back({{box[0], box[1], box[2], box[3]}, score, class_id, static_cast<int>(i)});
    }
    return found;
  }

  FamilyConfig config_;
  std::size_t class_count_;
  Shape boxes_shape_{-1, -1, 4};
  Shape scores_shape_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolonas(FamilyConfig config) {
  if (config.fused) return make_fused_detection(std::move(config));
  return std::unique_ptr<const Family>(std::make_unique<Yolonas>(std::move(config)));
}

}  // namespace osprey::vision
