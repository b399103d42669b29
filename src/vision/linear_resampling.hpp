// Bilinear resizing of float32 arrays, one axis at a time: which samples make an output, and with what weights.
#pragma once

#include <span>
#include <vector>

namespace osprey::vision {

/// How one axis of `source` samples becomes one of `first.size()`: output i is the sum over k < taps of
/// sample[first[i] + k] * weights[i * taps + k]. `first` never decreases; every index is inside the source.
struct AxisWeights {
  int source = 0;
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weights;
};

/// Weights of a bilinear resize with half-pixel centres, antialiased when shrinking (the triangle filter is stretched
/// by the ratio), plain when enlarging: PyTorch's interpolate(mode="bilinear", antialias=True), computed in float32 as
/// there. Empty when a size is not positive.
[[nodiscard]] AxisWeights linear_weights(int source, int target);

/// Outputs [begin, begin + out.size()) of an axis from contiguous samples; samples[0] is the source's sample `origin`.
/// All samples that these outputs need must be in `samples`.
void resample_row(const AxisWeights& axis, std::span<const float> samples, int origin, int begin, std::span<float> out);

}  // namespace osprey::vision
