// What the families share: thresholds, and reading candidates from the common layouts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.hpp"
#include "vision/decode_options.hpp"
#include "vision/families/family.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {

/// Confidence thresholds by class (inference-math section 4).
class Thresholds {
 public:
  /// One threshold for all classes.
  explicit Thresholds(float all) : all_(all), lowest_(all) {}
  /// Resolves a request's confidence with the package's recommendation and the family's default.
  Thresholds(const Confidence& confidence, const FamilyConfig& config, float family_default);

  [[nodiscard]] float of(int class_id) const {
    const auto i = static_cast<std::size_t>(class_id);
    return i < per_class_.size() ? per_class_[i] : all_;
  }
  /// The lowest threshold of any class: nothing below it can pass.
  [[nodiscard]] float lowest() const { return lowest_; }

 private:
  float all_ = 0;
  float lowest_ = 0;
  std::vector<float> per_class_;
};

/// How a score is held against its threshold; families differ (inference-math 5.2). NaN passes neither.
enum class Passing { above, at_least };

[[nodiscard]] inline bool passes(float score, float threshold, Passing passing) {
  return passing == Passing::above ? score > threshold : score >= threshold;
}

/// 1 / (1 + e^-x) in float32.
[[nodiscard]] float sigmoid(float x);

/// Corners of a box told by its centre and size.
[[nodiscard]] inline Box box_from_center(float cx, float cy, float width, float height) {
  return {cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2};
}

/// Image `index` of a batch-first tensor, without the batch dimension. An empty view when the tensor has no such image.
[[nodiscard]] TensorView image_slice(const TensorView& tensor, std::size_t index);

/// Candidates of one image of the YOLOv8 layout [4 + C + extra, N] (cx, cy, w, h in network pixels, C class scores,
/// column per candidate) whose best class score is above that class's threshold. Candidate::index is the column.
[[nodiscard]] std::vector<Candidate> yolov8_candidates(const TensorView& image, int class_count,
                                                       const Thresholds& thresholds);

/// Candidates of one image of the end-to-end layout [K, 6 + extra] (x1, y1, x2, y2 in network pixels, score, class),
/// in the model's order. Candidate::index is the row. Left out: rows whose class is none of the C or whose box is not
/// finite (exports pad with such rows).
[[nodiscard]] std::vector<Candidate> end_to_end_candidates(const TensorView& image, int class_count,
                                                           const Thresholds& thresholds, Passing passing);

/// The greatest of some class scores and its class, the first one on ties. NaN is never the greatest; without a
/// greatest the score is -infinity.
struct BestClass {
  float score = 0;
  int class_id = 0;
};
[[nodiscard]] BestClass best_class(std::span<const float> scores);

/// A request's NMS parameters.
[[nodiscard]] NmsOptions nms_options(const DecodeOptions& options);

/// Kept candidates, in their order, as detections in image pixels; the request's class filter is applied.
[[nodiscard]] ObjectDetections to_detections(std::span<const Candidate> candidates, const Geometry& geometry,
                                             const DecodeOptions& options, const std::vector<std::string>& class_names);

/// Keeps detections whose class name is in `names` (all when it is empty); `class_of(element)` gives the class id.
template <typename Element, typename ClassOf>
void filter_by_class(std::vector<Element>& elements, const std::vector<std::string>& names,
                     const std::vector<std::string>& class_names, ClassOf class_of) {
  if (names.empty()) return;
  std::erase_if(elements, [&](const Element& element) {
    const auto id = static_cast<std::size_t>(class_of(element));
    const std::string name = id < class_names.size() ? class_names[id] : std::to_string(id);
    return std::find(names.begin(), names.end(), name) == names.end();
  });
}

}  // namespace osprey::vision
