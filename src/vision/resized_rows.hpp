// A network's dense output [K, h, w] resized to the image row by row: the whole of it would take gigabytes for many
// classes and a large image.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/tensor.hpp"
#include "vision/linear_resampling.hpp"
#include "vision/mask_grid.hpp"

namespace osprey::vision {

/// Reads rows of grid.target from logits of grid.cells. Not thread-safe; one per decode.
class ResizedRows {
 public:
  /// `margin`: the value of cells before and after the output where the grid's padding is negative. The grid's window
  /// must not be empty.
  ResizedRows(const MaskGrid& grid, std::size_t channels, float margin);

  /// Row `y` of the target: channels x target.width. Valid until the next call. Quick when rows are read in ascending
  /// order. Each call must be given the same tensor: [channels, cells.height, cells.width].
  [[nodiscard]] std::span<const float> read(const TensorView& logits, int y);

 private:
  void resample(const TensorView& logits, int source_row, float* out);

  MaskGrid grid_;
  std::size_t channels_;
  float margin_;
  AxisWeights columns_;
  AxisWeights rows_;
  std::vector<float> line_;
  std::vector<float> held_;    ///< the last rows_.taps rows of the window at the target's width
  std::vector<int> held_row_;  ///< which rows these are
  std::vector<float> values_;
};

}  // namespace osprey::vision
