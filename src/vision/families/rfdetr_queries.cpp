#include "vision/families/rfdetr_queries.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vision/families/output_shapes.hpp"

namespace osprey::vision {
namespace {

struct Pair {
  float score = 0;
  std::size_t place = 0;  ///< in the flattened logits
};

bool comes_first(const Pair& a, const Pair& b) {
  return a.score != b.score ? a.score > b.score : a.place < b.place;
}

/// A logit below which no sigmoid can be above the threshold; the slack covers rounding.
float lowest_logit(float threshold) {
  if (!(threshold > 0.0F)) return -std::numeric_limits<float>::infinity();
  if (threshold >= 1.0F) return std::numeric_limits<float>::infinity();
  return std::log(threshold / (1.0F - threshold)) - 0.01F;
}

bool is_finite(const Box& box) {
  return std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) && std::isfinite(box.y2);
}

}  // namespace

ClassColumns::ClassColumns(const FamilyConfig& config) {
  for (const std::string& name : config.class_names) {
    const auto& removed = config.removed_classes;
    if (std::find(removed.begin(), removed.end(), name) != removed.end()) {
      class_of_.push_back(-1);
      continue;
    }
    class_of_.push_back(static_cast<int>(names_.size()));
    names_.push_back(name);
  }
}

std::vector<Candidate> rfdetr_candidates(const TensorView& boxes, const TensorView& logits, const ClassColumns& columns,
                                         const Thresholds& thresholds, Size size) {
  std::vector<Candidate> candidates;
  const auto queries = static_cast<std::size_t>(logits.dim(0));
  const auto width = static_cast<std::size_t>(logits.dim(1));
  if (boxes.data.size() < queries * 4 || logits.data.size() < queries * width) return candidates;

  // Pairs below every threshold cannot push passing ones out of the best Q, so they need no sigmoid.
  const float lowest = lowest_logit(thresholds.lowest());
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < logits.data.size(); ++i) {
    if (logits.data[i] >= lowest) pairs.push_back({sigmoid(logits.data[i]), i});
  }
  if (pairs.size() > queries) {
    const auto cut = pairs.begin() + static_cast<std::ptrdiff_t>(queries);
    std::nth_element(pairs.begin(), cut, pairs.end(), comes_first);
    pairs.erase(cut, pairs.end());
  }
  std::sort(pairs.begin(), pairs.end(), comes_first);

  for (const auto& [score, place] : pairs) {
    const int class_id = columns.class_of(place % width);
    if (class_id < 0 || !(score > thresholds.of(class_id))) continue;
    const std::size_t query = place / width;
    const auto box = boxes.data.subspan(query * 4, 4);
    const auto w = static_cast<float>(size.width);
    const auto h = static_cast<float>(size.height);
    const Box corners = box_from_center(box[0], box[1], box[2], box[3]);
    const Box pixels{corners.x1 * w, corners.y1 * h, corners.x2 * w, corners.y2 * h};
    if (is_finite(pixels)) candidates.push_back({pixels, score, class_id, static_cast<int>(query)});
  }
  return candidates;
}

Status check_rfdetr_outputs(std::string_view architecture, std::span<const TensorSpec> outputs,
                            const ClassColumns& columns, std::span<const Shape> rest) {
  std::vector<Shape> expected{{-1, -1, 4}, {-1, -1, -1}};
  expected.insert(expected.end(), rest.begin(), rest.end());
  const Status status = check_shapes(architecture, outputs, expected,
                                     "boxes, logits with at least " + std::to_string(columns.count()) + " columns" +
                                         (rest.empty() ? "" : ", and so on"));
  if (!status) return status;
  const std::int64_t width = outputs[1].shape[2];
  if (width >= 0 && width < columns.count()) {
    return unexpected_outputs(architecture,
                              "boxes [?,?,4], logits [?,?,C] with C at least " + std::to_string(columns.count()) +
                                  ", the number of class names",
                              outputs);
  }
  return {};
}

Result<RfdetrQueries> rfdetr_queries(std::span<const TensorView> outputs, std::size_t index) {
  const auto boxes = output_of_image(outputs, 0, index, Shape{-1, -1, 4});
  if (!boxes) return boxes.error();
  const auto logits = output_of_image(outputs, 1, index, Shape{-1, boxes->dim(0), -1});
  if (!logits) return logits.error();
  return RfdetrQueries{*boxes, *logits};
}

}  // namespace osprey::vision
