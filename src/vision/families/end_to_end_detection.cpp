#include "vision/families/end_to_end_detection.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "vision/families/output_shapes.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

class EndToEndDetection final : public Family {
 public:
  EndToEndDetection(FamilyConfig config, EndToEndRules rules)
      : config_(std::move(config)), rules_(rules), class_count_(static_cast<int>(config_.class_names.size())) {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto image = output_of_image(outputs, 0, index, rules_.reads_yolov8_layout ? any_ : rows_);
    if (!image) return image.error();
    const auto candidates = read(*image, outputs[0].shape, options);
    if (!candidates) return candidates.error();
    return Prediction(to_detections(*candidates, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const bool one = outputs.size() == 1 && outputs[0].shape.size() == 3;
    if (one && rules_.reads_yolov8_layout) {
      const auto layout = yolo_layout(outputs[0].shape, class_count_, 0, config_.network);
      return layout ? Status() : layout.error().with_context(config_.architecture + " output");
    }
    return check_shapes(config_.architecture, outputs, std::array{rows_},
                        "a row per detection: x1, y1, x2, y2, score, class");
  }

 private:
  Result<std::vector<Candidate>> read(const TensorView& image, std::span<const std::int64_t> batch_shape,
                                      const DecodeOptions& options) const {
    const Thresholds thresholds(options.confidence, config_, rules_.default_confidence);
    if (rules_.reads_yolov8_layout) {
      const auto layout = yolo_layout(batch_shape, class_count_, 0, config_.network);
      if (!layout) return Error{Code::internal, layout.error().message};
      if (*layout == YoloLayout::yolov8) {
        return non_maximum_suppression(yolov8_candidates(image, class_count_, thresholds), nms_options(options));
      }
    }
    auto candidates = end_to_end_candidates(image, class_count_, thresholds, rules_.passing);
    if (rules_.honours_max_detections) {
      const auto limit = static_cast<std::size_t>(std::max(options.max_detections, 0));
      if (candidates.size() > limit) candidates.resize(limit);
    }
    return candidates;
  }

  FamilyConfig config_;
  EndToEndRules rules_;
  int class_count_;
  Shape rows_{-1, -1, 6};
  Shape any_{-1, -1, -1};
};

}  // namespace

Result<std::unique_ptr<const Family>> make_end_to_end_detection(FamilyConfig config, EndToEndRules rules) {
  return std::unique_ptr<const Family>(std::make_unique<EndToEndDetection>(std::move(config), rules));
}

Result<std::unique_ptr<const Family>> make_fused_detection(FamilyConfig config) {
  return make_end_to_end_detection(std::move(config), EndToEndRules{});
}

}  // namespace osprey::vision
