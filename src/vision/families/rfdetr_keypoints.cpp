#include "vision/families/rfdetr_keypoints.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "vision/families/keypoints.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/families/rfdetr_queries.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;
constexpr float kKeypointThreshold = 0.3F;
constexpr std::size_t kValues = 8;  ///< of one keypoint

/// log(e^a + e^b + ...) without overflow.
class LogSum {
 public:
  void add(float x) {
    if (x <= greatest_) {
      sum_ += std::exp(x - greatest_);
    } else {
      sum_ = sum_ * std::exp(greatest_ - x) + 1.0F;
      greatest_ = x;
    }
  }
  [[nodiscard]] float value() const { return greatest_ + std::log(sum_); }

 private:
  float greatest_ = std::numeric_limits<float>::lowest();
  float sum_ = 0;
};

/// Logarithm of the mean trace of the keypoints' covariances, weighted by findability. The network tells the Cholesky
/// factor L of each precision matrix, so the covariance is (L L^T)^-1 with the trace 1/l11^2 + 1/l22^2 + l21^2/(l11
/// l22)^2.
float log_mean_trace(std::span<const float> keypoints) {
  constexpr float kTiny = 1e-12F;  // keeps logarithms finite
  LogSum weighted;
  LogSum weights;
  for (std::size_t i = 0; i < keypoints.size(); i += kValues) {
    const auto keypoint = keypoints.subspan(i, kValues);
    const float a = -2.0F * keypoint[4];
    const float b = -2.0F * keypoint[6];
    LogSum trace;
    trace.add(a);
    trace.add(b);
    trace.add(2.0F * std::log(std::max(std::fabs(keypoint[5]), kTiny)) + a + b);
    const float weight = std::log(std::max(sigmoid(keypoint[2]), kTiny));
    weighted.add(trace.value() + weight);
    weights.add(weight);
  }
  return weighted.value() - weights.value();
}

class RfdetrKeypoints final : public Family {
 public:
  explicit RfdetrKeypoints(FamilyConfig config) : config_(std::move(config)), columns_(config_) {
    const auto& names = columns_.names();
    if (config_.skeletons.size() == config_.class_names.size() && names.size() < config_.class_names.size()) {
      std::vector<Skeleton> remaining;
      for (std::size_t i = 0; i < config_.skeletons.size(); ++i) {
        if (columns_.class_of(i) >= 0) remaining.push_back(std::move(config_.skeletons[i]));
      }
      config_.skeletons = std::move(remaining);
    }
    config_.class_names = names;
  }

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto queries = rfdetr_queries(outputs, index);
    if (!queries) return queries.error();
    const std::int64_t query_count = queries->boxes.dim(0);
    const std::int64_t class_count = queries->logits.dim(1);
    const auto keypoints =
        output_of_image(outputs, 2, index, Shape{-1, query_count, -1, static_cast<std::int64_t>(kValues)});
    if (!keypoints) return keypoints.error();
    const std::int64_t each = keypoints_each(class_count, keypoints->dim(1));
    if (each == 0) {
      return Error{Code::internal, "the network gave " + std::to_string(keypoints->dim(1)) +
                                       " keypoints a query, which do not fit its " + std::to_string(class_count) +
                                       " class columns"};
    }

    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const Input input{*queries, *keypoints, static_cast<std::size_t>(keypoints->dim(1) / each),
                      static_cast<std::size_t>(each) * kValues};
    const float keypoint_threshold = options.keypoint_confidence.value_or(kKeypointThreshold);
    Poses result;
    for (const Candidate& candidate : candidates(input, thresholds, geometry.network)) {
      result.poses.push_back({{to_image(candidate.box, geometry), candidate.score, candidate.class_id},
                              read(input, candidate, keypoint_threshold, geometry)});
    }
    filter_by_class(result.poses, options.class_filter, config_.class_names,
                    [](const Pose& pose) { return pose.detection.class_id; });
    return Prediction(std::move(result));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const std::array rest{Shape{-1, -1, -1, static_cast<std::int64_t>(kValues)}};
    const Status status = check_rfdetr_outputs(config_.architecture, outputs, columns_, rest);
    if (!status) return status;
    const std::int64_t class_count = outputs[1].shape[2];
    const std::int64_t keypoint_count = outputs[2].shape[2];
    if (class_count > 0 && keypoint_count >= 0 && keypoints_each(class_count, keypoint_count) == 0) {
      return unexpected_outputs(config_.architecture,
                                "boxes [?,?,4], logits [?,?,C], keypoints [?,?,C * slots,8], or fewer classes' where "
                                "the last columns of the logits are no objects; the package names " +
                                    std::to_string(keypoint_slots(config_.skeletons)) + " slots",
                                outputs);
    }
    return {};
  }

 private:
  /// One image's outputs; `classes`: how many have keypoints, `block`: values of one of their (query, class) pairs.
  struct Input {
    RfdetrQueries queries;
    TensorView keypoints;
    std::size_t classes = 0;
    std::size_t block = 0;
  };

  /// Keypoints of one class in a network with so many columns of logits and keypoints a query; 0 when they do not fit.
  /// A column of no objects at the end of the logits may have keypoints like a class, or none: then the number of slots
  /// that the package names tells where a class's end.
  [[nodiscard]] std::int64_t keypoints_each(std::int64_t class_count, std::int64_t keypoint_count) const {
    const std::int64_t slots = keypoint_slots(config_.skeletons);
    if (class_count <= 0 || keypoint_count <= 0 || slots <= 0) return 0;
    if (keypoint_count % class_count == 0 && keypoint_count / class_count >= slots) return keypoint_count / class_count;
    return keypoint_count % slots == 0 && keypoint_count / slots < class_count ? slots : 0;
  }

  /// Candidate::index is the place of the (query, class) pair among the blocks of keypoints.
  [[nodiscard]] std::vector<Candidate> candidates(const Input& input, const Thresholds& thresholds, Size size) const {
    std::vector<Candidate> found;
    const auto& logits = input.queries.logits;
    const auto width = static_cast<std::size_t>(logits.dim(1));
    for (std::size_t i = 0; i < logits.data.size(); ++i) {
      const std::size_t column = i % width;
      const int class_id = columns_.class_of(column);
      if (class_id < 0 || column >= input.classes) continue;
      const std::size_t place = i / width * input.classes + column;
      const float mean = log_mean_trace(input.keypoints.data.subspan(place * input.block, input.block));
      const float fused = sigmoid(logits.data[i]) * std::exp(-0.2F * mean);
      const float score = fused / (1.0F + fused);
      if (!(score > thresholds.of(class_id))) continue;
      const auto box = input.queries.boxes.data.subspan(i / width * 4, 4);
      const auto w = static_cast<float>(size.width);
      const auto h = static_cast<float>(size.height);
      const Box corners = box_from_center(box[0], box[1], box[2], box[3]);
      found.push_back(
          {{corners.x1 * w, corners.y1 * h, corners.x2 * w, corners.y2 * h}, score, class_id, static_cast<int>(place)});
    }
    std::erase_if(found, [](const Candidate& candidate) {
      const Box& box = candidate.box;
      return !std::isfinite(box.x1) || !std::isfinite(box.y1) || !std::isfinite(box.x2) || !std::isfinite(box.y2);
    });
    std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
      return a.score != b.score ? a.score > b.score : a.index < b.index;
    });
    return found;
  }

  [[nodiscard]] std::vector<Keypoint> read(const Input& input, const Candidate& candidate, float threshold,
                                           const Geometry& geometry) const {
    std::vector<Keypoint> keypoints;
    const auto values =
        input.keypoints.data.subspan(static_cast<std::size_t>(candidate.index) * input.block, input.block);
    const std::size_t count = std::min(keypoint_count(config_.skeletons, candidate.class_id), input.block / kValues);
    for (std::size_t slot = 0; slot < count; ++slot) {
      const auto raw = values.subspan(slot * kValues, kValues);
      const Point point{raw[0] * static_cast<float>(geometry.network.width),
                        raw[1] * static_cast<float>(geometry.network.height)};
      append_keypoint(keypoints, {point, sigmoid(raw[2])}, slot, threshold, geometry);
    }
    for (Keypoint& keypoint : keypoints) {
      keypoint.x = std::clamp(keypoint.x, 0.0F, static_cast<float>(geometry.image.width));
      keypoint.y = std::clamp(keypoint.y, 0.0F, static_cast<float>(geometry.image.height));
    }
    return keypoints;
  }

  FamilyConfig config_;
  ClassColumns columns_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_rfdetr_keypoints(FamilyConfig config) {
  const Status skeletons = check_skeletons(config);
  if (!skeletons) return skeletons.error();
  return std::unique_ptr<const Family>(std::make_unique<RfdetrKeypoints>(std::move(config)));
}

}  // namespace osprey::vision
