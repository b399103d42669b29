#include "vision/clahe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace osprey::vision {
namespace {

constexpr int kBins = 256;
constexpr int kBinWidth = 1 + kClaheLevels / kBins;

using Histogram = std::array<std::int64_t, kBins>;
using Mapping = std::array<std::uint16_t, kBins>;  // bin to level

// One axis cut into tiles; the last may reach over the end.
struct Axis {
  explicit Axis(int side) : length(side), tile(std::max(side / 8, 1)), tiles((side + tile - 1) / tile) {}
  int length;
  int tile;
  int tiles;

  // Positions past the end mirror back, without repeating the last one.
  [[nodiscard]] int mirrored(int i) const { return i < length ? i : std::max(2 * (length - 1) - i, 0); }
};

std::size_t bin_of(std::uint16_t level) {
  return level / static_cast<std::size_t>(kBinWidth);
}

std::int64_t count_below(const Histogram& histogram, std::int64_t limit) {
  return std::ranges::count_if(histogram, [&](std::int64_t count) { return count < limit; });
}

// One sweep: every `step`-th bin from each start gets one more until nothing is left. False when no bin took any.
bool spread_rest(Histogram& histogram, std::int64_t limit, std::int64_t& excess) {
  const std::int64_t before = excess;
  for (std::size_t start = 0; start < histogram.size() && excess > 0; ++start) {
    const std::int64_t step = std::max<std::int64_t>(1, count_below(histogram, limit) / excess);
    for (std::size_t bin = start; bin < histogram.size(); bin += static_cast<std::size_t>(step)) {
      if (histogram[bin] >= limit) continue;
      ++histogram[bin];
      --excess;
    }
  }
  return excess != before;
}

void clip(Histogram& histogram, std::int64_t limit) {
  std::int64_t excess = 0;
  for (std::int64_t& count : histogram) {
    excess += std::max<std::int64_t>(count - limit, 0);
    count = std::min(count, limit);
  }
  const std::int64_t share = excess / kBins;
  const std::int64_t upper = limit - share;
  for (std::int64_t& count : histogram) {
    if (count >= upper) continue;
    count += share;
    excess -= share;
  }
  // Bins that the share (or they themselves) brought near the limit are filled up to it.
  for (std::int64_t& count : histogram) {
    if (count < upper || count >= limit) continue;
    excess -= limit - count;
    count = limit;
  }
  while (excess > 0 && spread_rest(histogram, limit, excess)) {
  }
}

Mapping map_levels(const Histogram& histogram, std::int64_t pixels) {
  const double scale = static_cast<double>(kClaheLevels - 1) / static_cast<double>(pixels);
  Mapping mapping{};
  std::int64_t below = 0;
  for (std::size_t bin = 0; bin < mapping.size(); ++bin) {
    below += histogram[bin];
    mapping[bin] = static_cast<std::uint16_t>(std::min(static_cast<double>(below) * scale, kClaheLevels - 1.0));
  }
  return mapping;
}

std::vector<Mapping> map_tiles(std::span<const std::uint16_t> levels, const Axis& x_axis, const Axis& y_axis,
                               double clip_limit) {
  const std::int64_t pixels = std::int64_t{x_axis.tile} * y_axis.tile;
  const std::int64_t limit =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(clip_limit * static_cast<double>(pixels)));
  std::vector<Mapping> mappings;
  mappings.reserve(static_cast<std::size_t>(x_axis.tiles) * static_cast<std::size_t>(y_axis.tiles));
  for (int tile_y = 0; tile_y < y_axis.tiles; ++tile_y) {
    for (int tile_x = 0; tile_x < x_axis.tiles; ++tile_x) {
      Histogram histogram{};
      for (int y = tile_y * y_axis.tile; y < (tile_y + 1) * y_axis.tile; ++y) {
        const auto row =
            levels.subspan(static_cast<std::size_t>(y_axis.mirrored(y)) * static_cast<std::size_t>(x_axis.length));
        for (int x = tile_x * x_axis.tile; x < (tile_x + 1) * x_axis.tile; ++x) {
          ++histogram[bin_of(row[static_cast<std::size_t>(x_axis.mirrored(x))])];
        }
      }
      clip(histogram, limit);
      mappings.push_back(map_levels(histogram, pixels));
    }
  }
  return mappings;
}

// Between which two tiles' centres a position lies, and how far it is from the first to the second.
struct Between {
  std::size_t first = 0;
  std::size_t second = 0;
  double toward_second = 0;
};

Between locate(int i, const Axis& axis) {
  const int shifted = i + axis.tile / 2;
  const int second = shifted / axis.tile;
  const auto clamped = [&](int tile) { return static_cast<std::size_t>(std::clamp(tile, 0, axis.tiles - 1)); };
  return {clamped(second - 1), clamped(second), static_cast<double>(shifted % axis.tile) / axis.tile};
}

}  // namespace

std::vector<std::uint16_t> clahe(std::span<const std::uint16_t> levels, image::Size size, double clip_limit) {
  const Axis x_axis(size.width);
  const Axis y_axis(size.height);
  const std::vector<Mapping> mappings = map_tiles(levels, x_axis, y_axis, clip_limit);

  std::vector<Between> columns;
  columns.reserve(static_cast<std::size_t>(size.width));
  for (int x = 0; x < size.width; ++x) columns.push_back(locate(x, x_axis));

  std::vector<std::uint16_t> equalized;
  equalized.reserve(levels.size());
  for (int y = 0; y < size.height; ++y) {
    const auto width = static_cast<std::size_t>(size.width);
    const auto row = levels.subspan(static_cast<std::size_t>(y) * width, width);
    const Between at = locate(y, y_axis);
    const Mapping* const upper = mappings.data() + at.first * static_cast<std::size_t>(x_axis.tiles);
    const Mapping* const lower = mappings.data() + at.second * static_cast<std::size_t>(x_axis.tiles);
    const double down = at.toward_second;
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t bin = bin_of(row[x]);
      const auto& [left, right, across] = columns[x];
      // Weights in double, the sum in float32: scikit-image's own rounding.
      float level = static_cast<float>(upper[left][bin] * ((1 - across) * (1 - down)));
      level += static_cast<float>(upper[right][bin] * (across * (1 - down)));
      level += static_cast<float>(lower[left][bin] * ((1 - across) * down));
      level += static_cast<float>(lower[right][bin] * (across * down));
      equalized.push_back(static_cast<std::uint16_t>(level));
    }
  }
  return equalized;
}

}  // namespace osprey::vision
