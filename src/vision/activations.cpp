#include "vision/activations.hpp"

#include <algorithm>
#include <limits>

namespace osprey::vision {

void clamp_below(std::span<float> values, float at_least) {
  for (float& value : values) value = value < at_least ? at_least : value;
}

void apply_sigmoid(std::span<float> values) {
  clamp_below(values, -kMaxExponent);
  for (float& value : values) value = value > kMaxExponent ? kMaxExponent : value;
  for (float& value : values) value = 1.0F / (1.0F + exponential(-value));
}

void apply_softmax(std::span<float> values) {
  if (values.empty()) return;
  // The largest is taken off first: no exponential overflows, and infinity minus itself is the NaN that is promised.
  float largest = -std::numeric_limits<float>::infinity();
  for (const float value : values) largest = value > largest ? value : largest;
  for (float& value : values) value -= largest;
  clamp_below(values, -kMaxExponent);
  float sum = 0;
  for (float& value : values) {
    value = exponential(value);
    sum += value;
  }
  for (float& value : values) value /= sum;
}

}  // namespace osprey::vision
