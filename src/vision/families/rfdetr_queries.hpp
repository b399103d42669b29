// What the RF-DETR families share: class columns to class ids, and the best (query, class) pairs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.hpp"
#include "vision/families/candidates.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// From columns of the logits to class ids (inference-math 5.4): removed classes are dropped and the others move down;
/// columns past the class names are dropped.
class ClassColumns {
 public:
  explicit ClassColumns(const FamilyConfig& config);

  /// The class id of a column, -1 when it is dropped.
  [[nodiscard]] int class_of(std::size_t column) const { return column < class_of_.size() ? class_of_[column] : -1; }
  /// Columns that carry a class name, removed ones included: the logits must have at least so many.
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(class_of_.size()); }
  /// Names by class id, without the removed ones.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<int> class_of_;
  std::vector<std::string> names_;
};

/// Of one image's logits [Q, C'], the best Q (query, column) pairs by sigmoid; of these the ones with a class id and a
/// score above its threshold, by descending score (ties: the earlier pair). Boxes [Q, 4] (cx, cy, w, h, 0..1) become
/// corners in pixels of `size`. Candidate::index is the query; one query may come with several classes. Candidates with
/// a box that is not finite are left out.
[[nodiscard]] std::vector<Candidate> rfdetr_candidates(const TensorView& boxes, const TensorView& logits,
                                                       const ClassColumns& columns, const Thresholds& thresholds,
                                                       Size size);

/// Checks the first two of RF-DETR's outputs (boxes [B, Q, 4], logits [B, Q, C'] with C' at least columns.count(), in
/// this order) and, behind them, `rest`. Errors: data_corrupted naming found and expected.
[[nodiscard]] Status check_rfdetr_outputs(std::string_view architecture, std::span<const TensorSpec> outputs,
                                          const ClassColumns& columns, std::span<const Shape> rest);

/// Boxes and logits of one image.
struct RfdetrQueries {
  TensorView boxes;
  TensorView logits;
};

/// Image `index` of the first two outputs. Errors: internal when they are not boxes and logits of equally many queries.
[[nodiscard]] Result<RfdetrQueries> rfdetr_queries(std::span<const TensorView> outputs, std::size_t index);

}  // namespace osprey::vision
