#include "vision/families/candidates.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace osprey::vision {
namespace {

bool is_finite(const Box& box) {
  return std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) && std::isfinite(box.y2);
}

}  // namespace

Thresholds::Thresholds(const Confidence& confidence, const FamilyConfig& config, float family_default)
    : all_(family_default) {
  const RecommendedConfidence& recommended = config.recommended;
  switch (confidence.kind) {
    case Confidence::Kind::number: all_ = confidence.value; break;
    case Confidence::Kind::model_default: break;
    case Confidence::Kind::best:
      // The recommendation by class counts only beside an overall one.
      if (!recommended.confidence) break;
      all_ = *recommended.confidence;
      if (recommended.per_class.empty()) break;
      for (const std::string& name : config.class_names) {
        const auto found = recommended.per_class.find(name);
        per_class_.push_back(found == recommended.per_class.end() ? all_ : found->second);
      }
      break;
  }
  lowest_ = all_;
  for (const float threshold : per_class_) lowest_ = std::min(lowest_, threshold);
}

float sigmoid(float x) {
  return 1.0F / (1.0F + std::exp(-x));
}

TensorView image_slice(const TensorView& tensor, std::size_t index) {
  if (tensor.shape.empty()) return {};
  const auto shape = tensor.shape.subspan(1);
  const std::size_t size = element_count(shape);
  if (size == 0 || index >= tensor.data.size() / size) return {shape, {}};
  return {shape, tensor.data.subspan(index * size, size)};
}

std::vector<Candidate> yolov8_candidates(const TensorView& image, int class_count, const Thresholds& thresholds) {
  std::vector<Candidate> candidates;
  if (image.shape.size() != 2 || class_count <= 0 || image.dim(0) < 4 + class_count) return candidates;
  const auto columns = static_cast<std::size_t>(image.dim(1));
  const auto classes = static_cast<std::size_t>(class_count);
  if (image.data.size() < (4 + classes) * columns) return candidates;
  const float* const boxes = image.data.data();
  const float* const scores = boxes + 4 * columns;

  // Row by row over a block of columns: the running maximum stays in the first-level cache and is vectorised. Which
  // class it was is looked up only for the few columns that pass.
  constexpr std::size_t kBlock = 1024;
  std::array<float, kBlock> best;
  for (std::size_t start = 0; start < columns; start += kBlock) {
    const std::size_t width = std::min(kBlock, columns - start);
    std::fill_n(best.begin(), width, -std::numeric_limits<float>::infinity());
    for (std::size_t c = 0; c < classes; ++c) {
      const float* const row = scores + c * columns + start;
      // A NaN is never greater, so it never becomes the maximum.
      for (std::size_t i = 0; i < width; ++i) best[i] = row[i] > best[i] ? row[i] : best[i];
    }
    for (std::size_t i = 0; i < width; ++i) {
      if (!(best[i] > thresholds.lowest())) continue;
      const std::size_t column = start + i;
      std::size_t class_id = 0;
      while (scores[class_id * columns + column] != best[i]) ++class_id;
      if (!(best[i] > thresholds.of(static_cast<int>(class_id)))) continue;
      candidates.push_back({box_from_center(boxes[column], boxes[columns + column], boxes[2 * columns + column],
                                            boxes[3 * columns + column]),
                            best[i], static_cast<int>(class_id), static_cast<int>(column)});
    }
  }
  return candidates;
}

std::vector<Candidate> end_to_end_candidates(const TensorView& image, int class_count, const Thresholds& thresholds,
                                             Passing passing) {
  std::vector<Candidate> candidates;
  if (image.shape.size() != 2 || image.dim(1) < 6) return candidates;
  const auto rows = static_cast<std::size_t>(image.dim(0));
  const auto width = static_cast<std::size_t>(image.dim(1));
  if (image.data.size() < rows * width) return candidates;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = image.data.subspan(i * width, width);
    const float score = row[4];
    if (!passes(score, thresholds.lowest(), passing)) continue;
    if (!(row[5] >= 0.0F && row[5] < static_cast<float>(class_count))) continue;
    const int class_id = static_cast<int>(row[5]);
    const Box box{row[0], row[1], row[2], row[3]};
    if (!passes(score, thresholds.of(class_id), passing) || !is_finite(box)) continue;
    candidates.push_back({box, score, class_id, static_cast<int>(i)});
  }
  return candidates;
}

BestClass best_class(std::span<const float> scores) {
  // Independent lanes, so that the maximum is vectorised without reordering comparisons that NaN could upset.
  constexpr std::size_t kLanes = 8;
  std::array<float, kLanes> lanes;
  lanes.fill(-std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + kLanes <= scores.size(); i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = scores[i + k] > lanes[k] ? scores[i + k] : lanes[k];
  }
  for (; i < scores.size(); ++i) lanes[0] = scores[i] > lanes[0] ? scores[i] : lanes[0];
  const float best = *std::max_element(lanes.begin(), lanes.end());
  const auto first = std::find(scores.begin(), scores.end(), best);
  return {best, first == scores.end() ? 0 : static_cast<int>(first - scores.begin())};
}

NmsOptions nms_options(const DecodeOptions& options) {
  return {.iou_threshold = options.iou_threshold,
          .class_agnostic = options.class_agnostic_nms,
          .max_detections = options.max_detections,
          .max_candidates = options.max_candidates};
}

ObjectDetections to_detections(std::span<const Candidate> candidates, const Geometry& geometry,
                               const DecodeOptions& options, const std::vector<std::string>& class_names) {
  ObjectDetections result;
  result.detections.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    result.detections.push_back({to_image(candidate.box, geometry), candidate.score, candidate.class_id});
  }
  filter_by_class(result.detections, options.class_filter, class_names,
                  [](const Detection& detection) { return detection.class_id; });
  return result;
}

}  // namespace osprey::vision
