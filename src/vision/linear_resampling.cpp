#include "vision/linear_resampling.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace osprey::vision {
namespace {

struct Footprint {
  float center = 0;
  int begin = 0;
  int count = 0;
};

Footprint footprint_of(int output, float scale, float support, int source) {
  Footprint footprint;
  footprint.center = static_cast<float>(static_cast<double>(scale) * (output + 0.5));
  const auto edge = [&](float reach) {
    return static_cast<int>(std::clamp(static_cast<double>(footprint.center + reach) + 0.5, 0.0, double{1 << 30}));
  };
  footprint.begin = std::min(edge(-support), source - 1);
  footprint.count = std::max(std::min(edge(support), source) - footprint.begin, 1);
  return footprint;
}

}  // namespace

AxisWeights linear_weights(int source, int target) {
  AxisWeights axis;
  if (source <= 0 || target <= 0) return axis;
  axis.source = source;
  axis.first.resize(static_cast<std::size_t>(target));
  if (source == target) {
    axis.taps = 1;
    std::iota(axis.first.begin(), axis.first.end(), 0);
    axis.weights.assign(static_cast<std::size_t>(target), 1.0F);
    return axis;
  }

  const float scale = static_cast<float>(source) / static_cast<float>(target);
  const float support = std::max(scale, 1.0F);
  const float inverse = 1.0F / support;
  for (int i = 0; i < target; ++i) axis.taps = std::max(axis.taps, footprint_of(i, scale, support, source).count);

  const auto taps = static_cast<std::size_t>(axis.taps);
  axis.weights.assign(static_cast<std::size_t>(target) * taps, 0.0F);
  for (int i = 0; i < target; ++i) {
    const Footprint footprint = footprint_of(i, scale, support, source);
    // Every output has the same number of taps: near the end the window starts earlier, with weights of zero.
    const int first = std::min(footprint.begin, source - axis.taps);
    const auto row = static_cast<std::size_t>(i);
    axis.first[row] = first;
    float* const weights = &axis.weights[row * taps + static_cast<std::size_t>(footprint.begin - first)];
    float total = 0;
    for (int k = 0; k < footprint.count; ++k) {
      const double distance = static_cast<double>(static_cast<float>(k + footprint.begin) - footprint.center) + 0.5;
      const float weight = std::max(0.0F, 1.0F - std::abs(static_cast<float>(distance * static_cast<double>(inverse))));
      weights[k] = weight;
      total += weight;
    }
    if (total == 0) continue;
    for (int k = 0; k < footprint.count; ++k) weights[k] /= total;
  }
  return axis;
}

void resample_row(const AxisWeights& axis, std::span<const float> samples, int origin, int begin,
                  std::span<float> out) {
  const auto taps = static_cast<std::size_t>(axis.taps);
  const int* const first = axis.first.data() + begin;
  const float* weights = axis.weights.data() + static_cast<std::size_t>(begin) * taps;
  if (taps == 2) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float* const pair = samples.data() + (first[i] - origin);
      out[i] = pair[0] * weights[2 * i] + pair[1] * weights[2 * i + 1];
    }
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i, weights += taps) {
    const float* const window = samples.data() + (first[i] - origin);
    float sum = window[0] * weights[0];
    for (std::size_t k = 1; k < taps; ++k) sum += window[k] * weights[k];
    out[i] = sum;
  }
}

}  // namespace osprey::vision
