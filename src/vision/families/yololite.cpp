#include "vision/families/yololite.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "vision/families/candidates.hpp"
#include "vision/families/end_to_end_detection.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.25F;

/// Which output is which.
struct Order {
  std::size_t boxes = 0;
  std::size_t objectness = 0;
  std::size_t classes = 0;
};

class Yololite final : public Family {
 public:
  explicit Yololite(FamilyConfig config)
      : config_(std::move(config)),
        class_count_(config_.class_names.size()),
        classes_shape_{-1, -1, static_cast<std::int64_t>(class_count_)} {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    if (outputs.size() != 3) {
      return Error{Code::internal, "the network gave " + std::to_string(outputs.size()) + " outputs; 3 are needed"};
    }
    const auto order = find_order(std::array{outputs[0].shape, outputs[1].shape, outputs[2].shape});
    if (!order) return Error{Code::internal, "the network's outputs are not boxes, objectness and classes"};
    const auto boxes = output_of_image(outputs, order->boxes, index, boxes_shape_);
    if (!boxes) return boxes.error();
    const auto objectness = output_of_image(outputs, order->objectness, index, objectness_shape_);
    if (!objectness) return objectness.error();
    const auto classes = output_of_image(outputs, order->classes, index, classes_shape_);
    if (!classes) return classes.error();
    if (objectness->dim(0) != boxes->dim(0) || classes->dim(0) != boxes->dim(0)) {
      return Error{Code::internal, "the network's boxes, objectness and classes are not equally many"};
    }
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto kept =
        non_maximum_suppression(candidates(*boxes, *objectness, *classes, thresholds), nms_options(options));
    return Prediction(to_detections(kept, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    if (outputs.size() == 3 && find_order(std::array<std::span<const std::int64_t>, 3>{
                                   outputs[0].shape, outputs[1].shape, outputs[2].shape})) {
      return {};
    }
    return unexpected_outputs(config_.architecture,
                              osprey::to_string(boxes_shape_) + ", " + osprey::to_string(objectness_shape_) + ", " +
                                  osprey::to_string(classes_shape_) + " (boxes, objectness, " +
                                  std::to_string(class_count_) + " classes, in any order)",
                              outputs);
  }

 private:
  /// The first arrangement that fits. With one class it does not matter which of the two factors is which.
  [[nodiscard]] std::optional<Order> find_order(std::array<std::span<const std::int64_t>, 3> shapes) const {
    constexpr std::array kOrders{Order{0, 1, 2}, Order{0, 2, 1}, Order{1, 0, 2},
                                 Order{1, 2, 0}, Order{2, 0, 1}, Order{2, 1, 0}};
    for (const Order& order : kOrders) {
      if (fits(shapes[order.boxes], boxes_shape_) && fits(shapes[order.objectness], objectness_shape_) &&
          fits(shapes[order.classes], classes_shape_)) {
        return order;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Candidate> candidates(const TensorView& boxes, const TensorView& objectness,
                                                  const TensorView& classes, const Thresholds& thresholds) const {
    std::vector<Candidate> found;
    const auto rows = static_cast<std::size_t>(boxes.dim(0));
    for (std::size_t i = 0; i < rows; ++i) {
      const float object = sigmoid(objectness.data[i]);
      if (!(object > thresholds.lowest())) continue;
      // By product, not by logit: saturated scores are equal and the first class of them counts.
      BestClass best{-std::numeric_limits<float>::infinity(), 0};
      for (std::size_t c = 0; c < class_count_; ++c) {
        const float score = object * sigmoid(classes.data[i * class_count_ + c]);
        if (score > best.score) best = {score, static_cast<int>(c)};
      }
      if (!(best.score > thresholds.of(best.class_id))) continue;
      const auto box = boxes.data.subspan(i * 4, 4);
      found.push_back({{box[0], box[1], box[2], box[3]}, best.score, best.class_id, static_cast<int>(i)});
    }
    return found;
  }

  FamilyConfig config_;
  std::size_t class_count_;
  Shape boxes_shape_{-1, -1, 4};
  Shape objectness_shape_{-1, -1, 1};
  Shape classes_shape_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yololite(FamilyConfig config) {
  if (config.fused) return make_fused_detection(std::move(config));
  return std::unique_ptr<const Family>(std::make_unique<Yololite>(std::move(config)));
}

}  // namespace osprey::vision
