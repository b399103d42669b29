#include "vision/families/classification.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "vision/activations.hpp"
#include "vision/families/output_shapes.hpp"

namespace osprey::vision {
namespace {

/// The packages' recommendations do not reach classifiers in the reference.
float threshold_of(const Confidence& confidence) {
  return confidence.kind == Confidence::Kind::number ? confidence.value : 0.5F;
}

/// To 4 decimals, half to even, by the exact decimal value: as Python's round(). Scaling, rounding and scaling back
/// would be wrong where the scaled value is itself rounded.
double round_to_4_decimals(double value) {
  std::array<char, 64> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 4);
  double rounded = value;
  if (written.ec == std::errc{}) std::from_chars(text.data(), written.ptr, rounded);
  return rounded;
}

class Classifier : public Family {
 public:
  explicit Classifier(FamilyConfig config)
      : config_(std::move(config)), expected_{-1, static_cast<std::int64_t>(config_.class_names.size())} {}

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    return check_shapes(config_.architecture, outputs, std::array{expected_},
                        "a score for each of " + std::to_string(expected_[1]) + " classes");
  }

 protected:
  [[nodiscard]] Result<std::vector<float>> scores_of(std::span<const TensorView> outputs, std::size_t index) const {
    const auto image = output_of_image(outputs, 0, index, expected_);
    if (!image) return image.error();
    return std::vector<float>(image->data.begin(), image->data.end());
  }
  [[nodiscard]] bool activated() const { return config_.fused; }

 private:
  FamilyConfig config_;
  Shape expected_;
};

class SingleLabel final : public Classifier {
 public:
  using Classifier::Classifier;

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& /*geometry*/,
                            const DecodeOptions& options) const override {
    auto scores = scores_of(outputs, index);
    if (!scores) return scores.error();
    if (!activated()) apply_softmax(*scores);
    const float threshold = threshold_of(options.confidence);
    Classification result;
    for (std::size_t i = 0; i < scores->size(); ++i) {
      const float score = (*scores)[i];
      if (!(score >= threshold) || std::isinf(score)) continue;
      result.scores.push_back({static_cast<int>(i), round_to_4_decimals(static_cast<double>(score))});
    }
    for (float& score : *scores) {
      if (!std::isfinite(score)) score = 0;
    }
    result.probabilities = std::move(*scores);
    std::sort(result.scores.begin(), result.scores.end(), [](const ClassScore& x, const ClassScore& y) {
      return x.confidence != y.confidence ? x.confidence > y.confidence : x.class_id < y.class_id;
    });
    return Prediction(std::move(result));
  }
};

class MultiLabel final : public Classifier {
 public:
  using Classifier::Classifier;

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& /*geometry*/,
                            const DecodeOptions& options) const override {
    auto scores = scores_of(outputs, index);
    if (!scores) return scores.error();
    if (!activated()) apply_sigmoid(*scores);
    const float threshold = threshold_of(options.confidence);
    MultiLabelClassification result;
    for (std::size_t i = 0; i < scores->size(); ++i) {
      float& score = (*scores)[i];
      if (score >= threshold && std::isfinite(score)) result.predicted.push_back(static_cast<int>(i));
      if (!std::isfinite(score)) score = 0;  // JSON has no NaN
    }
    result.scores = std::move(*scores);
    return Prediction(std::move(result));
  }
};

}  // namespace

Result<std::unique_ptr<const Family>> make_classification(FamilyConfig config) {
  return std::unique_ptr<const Family>(std::make_unique<SingleLabel>(std::move(config)));
}

Result<std::unique_ptr<const Family>> make_multi_label_classification(FamilyConfig config) {
  return std::unique_ptr<const Family>(std::make_unique<MultiLabel>(std::move(config)));
}

}  // namespace osprey::vision
