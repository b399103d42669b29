#include "vision/prototype_masks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "vision/activations.hpp"

namespace osprey::vision {
namespace {

// Fixed in the reference: the mask output is taken to have a quarter of the network's size.
constexpr float kCellsPerPixel = 0.25F;

/// A corner of a box as a cell's edge, within [least, most]; NaN becomes `least`.
int cell_edge(float corner, int least, int most) {
  const float edge = std::nearbyint(corner * kCellsPerPixel);
  if (!(edge > static_cast<float>(least))) return least;
  return edge < static_cast<float>(most) ? static_cast<int>(edge) : most;
}

/// Outputs of an axis whose taps touch the samples [begin, end).
struct Span {
  int begin = 0;
  int end = 0;
};
Span outputs_touching(const AxisWeights& axis, Span samples) {
  const auto first_after = [&](int sample) {
    return static_cast<int>(
        std::partition_point(axis.first.begin(), axis.first.end(), [&](int first) { return first < sample; }) -
        axis.first.begin());
  };
  return {first_after(samples.begin - axis.taps + 1), first_after(samples.end)};
}

/// Samples that the outputs [begin, end) of an axis are made of.
Span samples_of(const AxisWeights& axis, Span outputs) {
  return {axis.first[static_cast<std::size_t>(outputs.begin)],
          axis.first[static_cast<std::size_t>(outputs.end) - 1] + axis.taps};
}

// The destination is a byte array, which may alias anything; values through locals keep the loops vectorised.
void threshold_one(const float* line, float threshold, std::uint8_t* pixels, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) pixels[i] = line[i] > threshold ? 1 : 0;
}

void threshold_two(const float* upper, const float* lower, float upper_weight, float lower_weight, float threshold,
                   std::uint8_t* pixels, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    pixels[i] = upper[i] * upper_weight + lower[i] * lower_weight > threshold ? 1 : 0;
  }
}

}  // namespace

MaskRenderer::MaskRenderer(const MaskGrid& grid, MaskActivation activation, std::size_t max_bytes)
    : grid_(grid),
      activation_(activation),
      threshold_(activation == MaskActivation::sigmoid ? 0.5F : 0.0F),
      // Weights that sum up to a little over 1 can lift cells of 0.5 above 0.5, but nothing lifts zeros above 0.
      positive_(activation == MaskActivation::sigmoid ? 0.5F : std::numeric_limits<float>::denorm_min()),
      columns_(linear_weights(grid.window.width, grid.target.width)),
      rows_(linear_weights(grid.window.height, grid.target.height)),
      bytes_left_(max_bytes) {}

Result<MaskRegion> MaskRenderer::from_prototypes(const TensorView& prototypes, PrototypeLayout layout,
                                                 std::span<const float> coefficients, const Box& box) {
  const auto height = static_cast<std::size_t>(std::max(grid_.cells.height, 0));
  const auto width = static_cast<std::size_t>(std::max(grid_.cells.width, 0));
  if (prototypes.data.size() != coefficients.size() * height * width) {
    return Error{Code::internal, std::to_string(prototypes.data.size()) + " prototype values do not make " +
                                     std::to_string(coefficients.size()) + " prototypes of " + std::to_string(height) +
                                     "x" + std::to_string(width) + " cells"};
  }
  // Cells of the padding are not needed.
  const auto window_end = [](int start, int window, int limit) { return std::min(start + window, limit); };
  const int left = std::max(grid_.left, 0);
  const int top = std::max(grid_.top, 0);
  const int right = window_end(grid_.left, grid_.window.width, grid_.cells.width);
  const int bottom = window_end(grid_.top, grid_.window.height, grid_.cells.height);
  const Cells cells{cell_edge(box.x1, left, right), cell_edge(box.y1, top, bottom), cell_edge(box.x2, left, right),
                    cell_edge(box.y2, top, bottom)};
  if (cells.empty()) return MaskRegion{};

  const auto columns = static_cast<std::size_t>(cells.width());
  product_.assign(columns * static_cast<std::size_t>(cells.height()), 0.0F);
  const auto count = coefficients.size();
  for (int y = cells.y1; y < cells.y2; ++y) {
    float* const sums = &product_[static_cast<std::size_t>(y - cells.y1) * columns];
    const std::size_t start = static_cast<std::size_t>(y) * width + static_cast<std::size_t>(cells.x1);
    if (layout == PrototypeLayout::channels_first) {
      for (std::size_t k = 0; k < count; ++k) {
        const float coefficient = coefficients[k];
        const float* const prototype = &prototypes.data[k * height * width + start];
        for (std::size_t x = 0; x < columns; ++x) sums[x] += coefficient * prototype[x];
      }
    } else {
      for (std::size_t x = 0; x < columns; ++x) {
        const float* const cell = &prototypes.data[(start + x) * count];
        for (std::size_t k = 0; k < count; ++k) sums[x] += coefficients[k] * cell[k];
      }
    }
  }
  if (activation_ == MaskActivation::sigmoid) apply_sigmoid(product_);
  return render(cells, product_.data(), columns);
}

Result<MaskRegion> MaskRenderer::from_values(std::span<const float> values) {
  const Cells cells{0, 0, grid_.cells.width, grid_.cells.height};
  const auto width = static_cast<std::size_t>(std::max(cells.width(), 0));
  if (values.size() != width * static_cast<std::size_t>(std::max(cells.height(), 0))) {
    return Error{Code::internal, std::to_string(values.size()) + " mask values do not fill " +
                                     std::to_string(cells.height()) + "x" + std::to_string(cells.width()) + " cells"};
  }
  return render(cells, values.data(), width);
}

Result<MaskRegion> MaskRenderer::render(const Cells& cells, const float* values, std::size_t stride) {
  // From here on in columns and rows of the window, whose first ones may be margins of zeros.
  Cells inside{std::max(cells.x1 - grid_.left, 0), std::max(cells.y1 - grid_.top, 0),
               std::min(cells.x2 - grid_.left, grid_.window.width),
               std::min(cells.y2 - grid_.top, grid_.window.height)};
  if (inside.empty()) return MaskRegion{};
  values += static_cast<std::size_t>(inside.y1 + grid_.top - cells.y1) * stride +
            static_cast<std::size_t>(inside.x1 + grid_.left - cells.x1);
  const Cells reached = reach(inside, values, stride);
  if (reached.empty()) return MaskRegion{};

  const Span x = outputs_touching(columns_, {reached.x1, reached.x2});
  const Span y = outputs_touching(rows_, {reached.y1, reached.y2});
  const Cells target{x.begin, y.begin, x.end, y.end};
  if (target.empty()) return MaskRegion{};
  const std::size_t bytes = static_cast<std::size_t>(target.width()) * static_cast<std::size_t>(target.height());
  if (bytes > bytes_left_) {
    return Error{Code::payload_too_large,
                 "The masks of this image would take too much memory: ask for fewer detections, send a smaller image, "
                 "or allow reduced mask resolution."};
  }
  bytes_left_ -= bytes;

  MaskRegion region;
  region.x = grid_.offset_x + target.x1;
  region.y = grid_.offset_y + target.y1;
  region.size = {target.width(), target.height()};
  region.pixels.resize(bytes);
  const Span needed_columns = samples_of(columns_, x);
  const Span needed_rows = samples_of(rows_, y);
  const Cells needed{needed_columns.begin, needed_rows.begin, needed_columns.end, needed_rows.end};
  resample_rows(inside, values, stride, needed, target);
  threshold_into(region, target, needed.y1);
  return region;
}

/// The part of `cells` with values that can lift a pixel above the threshold.
MaskRenderer::Cells MaskRenderer::reach(const Cells& cells, const float* values, std::size_t stride) {
  const auto width = static_cast<std::size_t>(cells.width());
  columns_reached_.assign(width, 0);
  Cells reached{cells.x2, cells.y2, cells.x1, cells.y1};
  for (int y = cells.y1; y < cells.y2; ++y, values += stride) {
    int any = 0;
    for (std::size_t x = 0; x < width; ++x) any |= static_cast<int>(values[x] >= positive_);
    if (any == 0) continue;
    for (std::size_t x = 0; x < width; ++x) {
      columns_reached_[x] = static_cast<std::uint8_t>(columns_reached_[x] | (values[x] >= positive_ ? 1U : 0U));
    }
    reached.y1 = std::min(reached.y1, y);
    reached.y2 = y + 1;
  }
  for (std::size_t x = 0; x < width; ++x) {
    if (columns_reached_[x] == 0) continue;
    reached.x1 = std::min(reached.x1, cells.x1 + static_cast<int>(x));
    reached.x2 = cells.x1 + static_cast<int>(x) + 1;
  }
  return reached;
}

/// Rows [needed.y1, needed.y2) at the columns of `target`, into resampled_.
void MaskRenderer::resample_rows(const Cells& cells, const float* values, std::size_t stride, const Cells& needed,
                                 const Cells& target) {
  const auto width = static_cast<std::size_t>(target.width());
  resampled_.assign(width * static_cast<std::size_t>(needed.height()), 0.0F);
  line_.assign(static_cast<std::size_t>(needed.width()), 0.0F);
  // Between the two, both exist; the rest of the line stays 0.
  const int x1 = std::max(needed.x1, cells.x1);
  const int x2 = std::min(needed.x2, cells.x2);
  for (int y = std::max(needed.y1, cells.y1); y < std::min(needed.y2, cells.y2); ++y) {
    std::copy_n(values + static_cast<std::size_t>(y - cells.y1) * stride + static_cast<std::size_t>(x1 - cells.x1),
                x2 - x1, line_.begin() + (x1 - needed.x1));
    const std::span<float> out(&resampled_[static_cast<std::size_t>(y - needed.y1) * width], width);
    resample_row(columns_, line_, needed.x1, target.x1, out);
  }
}

void MaskRenderer::threshold_into(MaskRegion& region, const Cells& target, int first_row) const {
  const auto width = static_cast<std::size_t>(target.width());
  const auto taps = static_cast<std::size_t>(rows_.taps);
  std::vector<float> sums(taps > 2 ? width : 0);
  for (int y = target.y1; y < target.y2; ++y) {
    const auto output = static_cast<std::size_t>(y);
    const float* const lines = &resampled_[static_cast<std::size_t>(rows_.first[output] - first_row) * width];
    const float* const weights = &rows_.weights[output * taps];
    std::uint8_t* const pixels = &region.pixels[static_cast<std::size_t>(y - target.y1) * width];
    if (taps == 1) {
      threshold_one(lines, threshold_, pixels, width);
    } else if (taps == 2) {
      threshold_two(lines, lines + width, weights[0], weights[1], threshold_, pixels, width);
    } else {
      for (std::size_t x = 0; x < width; ++x) sums[x] = lines[x] * weights[0];
      for (std::size_t k = 1; k < taps; ++k) {
        const float* const line = lines + k * width;
        const float weight = weights[k];
        for (std::size_t x = 0; x < width; ++x) sums[x] += line[x] * weight;
      }
      threshold_one(sums.data(), threshold_, pixels, width);
    }
  }
}

}  // namespace osprey::vision
