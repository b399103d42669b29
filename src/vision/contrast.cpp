#include "vision/contrast.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vision/clahe.hpp"

namespace osprey::vision {
namespace {

using image::Image;
using image::ImageView;

constexpr double kClipLimit = 0.03;

using Counts = std::array<std::int64_t, 256>;
using ByteTable = std::array<std::uint8_t, 256>;

std::span<const std::uint8_t> row_values(const ImageView& source, int y) {
  return {source.row(y), static_cast<std::size_t>(source.size.width) * image::kChannels};
}

/// How often each pixel value occurs, all channels together.
Counts count_values(const ImageView& source) {
  Counts counts{};
  for (int y = 0; y < source.size.height; ++y) {
    for (const std::uint8_t value : row_values(source, y)) ++counts[value];
  }
  return counts;
}

Image look_up(const ImageView& source, const ByteTable& table) {
  Image changed(source.size);
  for (int y = 0; y < source.size.height; ++y) {
    std::ranges::transform(row_values(source, y), changed.row(y), [&](std::uint8_t value) { return table[value]; });
  }
  return changed;
}

/// The value at `rank` (from 0) of all values in ascending order.
double value_at(const Counts& counts, std::int64_t rank) {
  std::size_t value = 0;
  for (std::int64_t below = counts[0]; below <= rank && value < 255; below += counts[value]) ++value;
  return static_cast<double>(value);
}

/// NumPy's percentile with linear interpolation, its order of operations included.
double percentile(const Counts& counts, std::int64_t total, double fraction) {
  const double rank = static_cast<double>(total - 1) * fraction;
  const auto lower_rank = static_cast<std::int64_t>(rank);
  const double lower = value_at(counts, lower_rank);
  const double upper = value_at(counts, std::min(lower_rank + 1, total - 1));
  const double part = rank - static_cast<double>(lower_rank);
  return part >= 0.5 ? upper - (upper - lower) * (1 - part) : lower + (upper - lower) * part;
}

Image stretch_contrast(const ImageView& source) {
  const Counts counts = count_values(source);
  const auto total = static_cast<std::int64_t>(Image::byte_count(source.size));
  const double low = percentile(counts, total, 2.0 / 100);
  const double high = percentile(counts, total, 98.0 / 100);
  ByteTable table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    const double clipped = std::clamp(static_cast<double>(value), low, high);
    // One flat tone has nothing to stretch and stays.
    table[value] = static_cast<std::uint8_t>(low == high ? clipped : (clipped - low) / (high - low) * 255);
  }
  return look_up(source, table);
}

constexpr std::size_t kBins = 256;

float unit(std::size_t value) {
  return static_cast<float>(value) / 255.0F;
}

/// Edges of equal bins from the least to the greatest value in float32, as NumPy lays them.
std::array<float, kBins + 1> bin_edges(const Counts& counts) {
  const auto used = [](std::int64_t count) { return count > 0; };
  float first = unit(static_cast<std::size_t>(std::ranges::find_if(counts, used) - counts.begin()));
  float last =
      unit(static_cast<std::size_t>(std::find_if(counts.rbegin(), counts.rend(), used).base() - counts.begin()) - 1);
  if (first == last) {
    first -= 0.5F;
    last += 0.5F;
  }
  const float step = (last - first) / static_cast<float>(kBins);
  std::array<float, kBins + 1> edges{};
  for (std::size_t i = 0; i < kBins; ++i) edges[i] = static_cast<float>(i) * step + first;
  edges[kBins] = last;
  return edges;
}

Image equalize_histogram(const ImageView& source) {
  const Counts counts = count_values(source);
  const auto edges = bin_edges(counts);
  std::array<std::int64_t, kBins> bins{};
  for (std::size_t value = 0; value < counts.size(); ++value) {
    if (counts[value] == 0) continue;
    // The last edge that is not above the value; the greatest value belongs to the last bin.
    const auto above = std::upper_bound(edges.begin(), edges.end() - 1, unit(value));
    bins[static_cast<std::size_t>(above - edges.begin()) - 1] += counts[value];
  }

  std::array<float, kBins> centers{};
  std::array<float, kBins> cumulative{};
  const auto total = static_cast<double>(Image::byte_count(source.size));
  std::int64_t below = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    below += bins[i];
    centers[i] = (edges[i] + edges[i + 1]) / 2.0F;
    cumulative[i] = static_cast<float>(static_cast<double>(below) / total);
  }

  ByteTable table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    const double at = unit(value);
    const auto above = static_cast<std::size_t>(std::ranges::upper_bound(centers, unit(value)) - centers.begin());
    double share = cumulative[above == 0 ? 0 : above - 1];
    if (above > 0 && above < kBins) {
      const double slope = (static_cast<double>(cumulative[above]) - share) /
                           (static_cast<double>(centers[above]) - static_cast<double>(centers[above - 1]));
      share = slope * (at - static_cast<double>(centers[above - 1])) + share;
    }
    table[value] = static_cast<std::uint8_t>(static_cast<float>(share) * 255.0F);
  }
  return look_up(source, table);
}

/// A pixel's hue and saturation, 0..1, in float32; the array's first channel is taken as red, as the reference does.
struct HueSaturation {
  float hue = 0;
  float saturation = 0;
};

HueSaturation hue_saturation(float first, float second, float third) {
  const float most = std::max({first, second, third});
  const float range = most - std::min({first, second, third});
  if (range == 0) return {};
  float sector = (first - second) / range + 4.0F;
  if (most != third) sector = most == second ? (third - first) / range + 2.0F : (second - third) / range;
  float hue = std::fmod(sector / 6.0F, 1.0F);
  if (hue < 0) hue += 1.0F;
  return {hue, range / most};
}

std::array<float, 3> from_hsv(HueSaturation color, float value) {
  const float sector = std::floor(color.hue * 6);
  const float f = color.hue * 6 - sector;
  const float p = value * (1 - color.saturation);
  const float q = value * (1 - f * color.saturation);
  const float t = value * (1 - (1 - f) * color.saturation);
  switch (static_cast<int>(sector) % 6) {
    case 0: return {value, t, p};
    case 1: return {q, value, p};
    case 2: return {p, value, t};
    case 3: return {p, q, value};
    case 4: return {t, p, value};
    default: return {value, p, q};
  }
}

std::uint8_t value_of(const std::uint8_t* pixel) {
  return std::max({pixel[0], pixel[1], pixel[2]});
}

/// HSV's V of every pixel, stretched to all of CLAHE's levels.
std::vector<std::uint16_t> value_levels(const ImageView& source) {
  std::vector<std::uint16_t> levels;
  levels.reserve(Image::byte_count(source.size) / image::kChannels);
  for (int y = 0; y < source.size.height; ++y) {
    const std::uint8_t* pixel = source.row(y);
    for (int x = 0; x < source.size.width; ++x, pixel += image::kChannels) levels.push_back(value_of(pixel));
  }
  const auto [least, most] = std::ranges::minmax(levels);
  constexpr double kTop = kClaheLevels - 1;
  constexpr double kTo16Bits = 257;
  std::array<std::uint16_t, 256> table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    if (value < least || value > most) continue;
    const double level = least == most
                             ? std::min(static_cast<double>(value) * kTo16Bits, kTop)
                             : (static_cast<double>(value) - least) * kTo16Bits / ((most - least) * kTo16Bits) * kTop;
    table[value] = static_cast<std::uint16_t>(std::nearbyint(level));
  }
  std::ranges::transform(levels, levels.begin(), [&](std::uint16_t value) { return table[value]; });
  return levels;
}

Image equalize_adaptively(const ImageView& source) {
  const std::vector<std::uint16_t> levels = clahe(value_levels(source), source.size, kClipLimit);
  const auto [least, most] = std::ranges::minmax(levels);
  const auto range = static_cast<float>(most - least);
  Image equalized(source.size);
  auto level = levels.begin();
  for (int y = 0; y < source.size.height; ++y) {
    const std::uint8_t* from = source.row(y);
    std::uint8_t* to = equalized.row(y);
    for (int x = 0; x < source.size.width; ++x, ++level, from += image::kChannels, to += image::kChannels) {
      const float value = least == most ? std::min<float>(*level, 1) : static_cast<float>(*level - least) / range;
      const auto pixel = from_hsv(hue_saturation(unit(from[0]), unit(from[1]), unit(from[2])), value);
      std::ranges::transform(pixel, to, [](float channel) { return static_cast<std::uint8_t>(channel * 255.0F); });
    }
  }
  return equalized;
}

}  // namespace

Image adjust_contrast(const ImageView& source, Contrast contrast) {
  switch (contrast) {
    case Contrast::stretching: return stretch_contrast(source);
    case Contrast::histogram_equalization: return equalize_histogram(source);
    case Contrast::adaptive_equalization: return equalize_adaptively(source);
    case Contrast::none: break;
  }
  return look_up(source, [] {
    ByteTable same{};
    for (std::size_t value = 0; value < same.size(); ++value) same[value] = static_cast<std::uint8_t>(value);
    return same;
  }());
}

}  // namespace osprey::vision
