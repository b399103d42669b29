#include "vision/families/yolact.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vision/families/candidates.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/families/prototype_instances.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;
constexpr float kCenterVariance = 0.1F;
constexpr float kSizeVariance = 0.2F;

class Yolact final : public Family {
 public:
  explicit Yolact(FamilyConfig config)
      : config_(std::move(config)), score_count_(1 + static_cast<std::int64_t>(config_.class_names.size())) {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto locations = output_of_image(outputs, 0, index, Shape{1, -1, 4});
    if (!locations) return locations.error();
    const std::int64_t anchors = locations->dim(0);
    const auto scores = output_of_image(outputs, 1, index, Shape{1, anchors, score_count_});
    if (!scores) return scores.error();
    const auto coefficients = output_of_image(outputs, 2, index, Shape{1, anchors, -1});
    if (!coefficients) return coefficients.error();
    const TensorView& priors = outputs[3];
    if (!fits(priors.shape, Shape{anchors, 4}) || priors.data.size() != locations->data.size()) {
      return Error{Code::internal, "output 3 of the network, the priors, has shape " +
                                       osprey::to_string(Shape(priors.shape.begin(), priors.shape.end())) +
                                       "; expected " + osprey::to_string(Shape{anchors, 4})};
    }
    const auto prototypes = output_of_image(outputs, 4, index, Shape{1, -1, -1, coefficients->dim(1)});
    if (!prototypes) return prototypes.error();

    auto kept =
        non_maximum_suppression(candidates(*locations, *scores, priors, geometry, options), nms_options(options));
    CoefficientTable table;
    table.data = coefficients->data;
    table.count = static_cast<std::size_t>(coefficients->dim(1));
    table.candidate_stride = table.count;
    auto segments = prototype_instances(std::move(kept), table, *prototypes, PrototypeLayout::channels_last,
                                        MaskActivation::sigmoid, geometry, options, config_.class_names);
    if (!segments) return segments.error();
    return Prediction(std::move(*segments));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const std::array expected{Shape{1, -1, 4}, Shape{1, -1, score_count_}, Shape{1, -1, -1}, Shape{-1, 4},
                              Shape{1, -1, -1, -1}};
    if (auto status = check_shapes(config_.architecture, outputs, expected, kMeaning); !status) return status;
    std::vector<Shape> exact(expected.begin(), expected.end());
    exact[1][1] = exact[2][1] = exact[3][0] = outputs[0].shape[1];
    exact[4][3] = outputs[2].shape[2];
    return check_shapes(config_.architecture, outputs, exact, kMeaning);
  }

  bool single_image_only() const override { return true; }

 private:
  static constexpr std::string_view kMeaning =
      "locations, scores of the background and the classes, mask coefficients, priors, prototypes; one image";

  [[nodiscard]] std::vector<Candidate> candidates(const TensorView& locations, const TensorView& scores,
                                                  const TensorView& priors, const Geometry& geometry,
                                                  const DecodeOptions& options) const {
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto width = static_cast<float>(geometry.network.width);
    const auto height = static_cast<float>(geometry.network.height);
    const auto columns = static_cast<std::size_t>(score_count_);
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < static_cast<std::size_t>(locations.dim(0)); ++i) {
      const float* const row = &scores.data[i * columns];
      float best = -std::numeric_limits<float>::infinity();
      int class_id = -1;
      for (std::size_t c = 1; c < columns; ++c) {
        if (!(row[c] > best)) continue;
        best = row[c];
        class_id = static_cast<int>(c) - 1;
      }
      if (class_id < 0 || !(best > thresholds.of(class_id))) continue;
      const float* const location = &locations.data[i * 4];
      const float* const prior = &priors.data[i * 4];
      const Box unit = box_from_center(
          prior[0] + location[0] * kCenterVariance * prior[2], prior[1] + location[1] * kCenterVariance * prior[3],
          prior[2] * std::exp(location[2] * kSizeVariance), prior[3] * std::exp(location[3] * kSizeVariance));
      found.push_back({{unit.x1 * width, unit.y1 * height, unit.x2 * width, unit.y2 * height},
                       best,
                       class_id,
                       static_cast<int>(i)});
    }
    return found;
  }

  FamilyConfig config_;
  std::int64_t score_count_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolact(FamilyConfig config) {
  return std::unique_ptr<const Family>(std::make_unique<Yolact>(std::move(config)));
}

}  // namespace osprey::vision
