#include "vision/resized_rows.hpp"

#include <algorithm>

namespace osprey::vision {

ResizedRows::ResizedRows(const MaskGrid& grid, std::size_t channels, float margin)
    : grid_(grid),
      channels_(channels),
      margin_(margin),
      columns_(linear_weights(grid.window.width, grid.target.width)),
      rows_(linear_weights(grid.window.height, grid.target.height)),
      line_(static_cast<std::size_t>(grid.window.width)) {
  const std::size_t row = channels * static_cast<std::size_t>(grid.target.width);
  held_.resize(row * static_cast<std::size_t>(rows_.taps));
  held_row_.assign(static_cast<std::size_t>(rows_.taps), -1);
  values_.resize(row);
}

std::span<const float> ResizedRows::read(const TensorView& logits, int y) {
  const auto taps = static_cast<std::size_t>(rows_.taps);
  const auto output = static_cast<std::size_t>(y);
  std::fill(values_.begin(), values_.end(), 0.0F);
  for (std::size_t k = 0; k < taps; ++k) {
    const int source_row = rows_.first[output] + static_cast<int>(k);
    const auto slot = static_cast<std::size_t>(source_row) % taps;
    float* const held = &held_[slot * values_.size()];
    if (held_row_[slot] != source_row) {
      resample(logits, source_row, held);
      held_row_[slot] = source_row;
    }
    const float weight = rows_.weights[output * taps + k];
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += held[i] * weight;
  }
  return values_;
}

void ResizedRows::resample(const TensorView& logits, int source_row, float* out) {
  const auto width = static_cast<std::size_t>(grid_.target.width);
  const auto stride = static_cast<std::size_t>(grid_.cells.width);
  const int cell_row = source_row + grid_.top;
  const int x1 = std::max(grid_.left, 0);
  const int x2 = std::min(grid_.left + grid_.window.width, grid_.cells.width);
  for (std::size_t channel = 0; channel < channels_; ++channel) {
    std::fill(line_.begin(), line_.end(), margin_);
    if (cell_row >= 0 && cell_row < grid_.cells.height && x1 < x2) {
      const std::size_t row =
          channel * static_cast<std::size_t>(grid_.cells.height) + static_cast<std::size_t>(cell_row);
      std::copy_n(&logits.data[row * stride + static_cast<std::size_t>(x1)], x2 - x1,
                  line_.begin() + (x1 - grid_.left));
    }
    resample_row(columns_, line_, 0, 0, {out + channel * width, width});
  }
}

}  // namespace osprey::vision
