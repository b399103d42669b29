// Exponentials over arrays of float32: sigmoid and softmax, written so that compilers vectorise them.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace osprey::vision {

/// The range of exponential(): e^x stays a normal float32.
inline constexpr float kMaxExponent = 87.0F;

/// e^x for float32, |x| <= kMaxExponent, without a call or a branch, so that loops over it are vectorised: a relative
/// error below 3e-7; exponential(0) is exactly 1, NaN gives NaN. Callers clamp x in a loop of its own: with the clamp
/// in here GCC branches off its constant case and vectorises nothing.
[[nodiscard]] inline float exponential(float x) {
  // x = n ln 2 + r, |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer that lies in the sum's low bits; no
  // conversion to int, which would be undefined for NaN.
  constexpr float kRounder = 12582912.0F;
  const float rounded = x * 1.44269504F + kRounder;
  const float n = rounded - kRounder;
  // ln 2 in two parts, the first with few enough bits that its product with n is exact.
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  // Taylor's series to the 7th power: its remainder is below float32's resolution for such r.
  float sum = 1.0F / 5040.0F;
  sum = sum * r + 1.0F / 720.0F;
  sum = sum * r + 1.0F / 120.0F;
  sum = sum * r + 1.0F / 24.0F;
  sum = sum * r + 1.0F / 6.0F;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  // Times 2^n, built in the exponent's bits.
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(rounded) + 127U) << 23U;
  return sum * std::bit_cast<float>(exponent);
}

/// values[i] = at_least where it is less; NaN stays NaN.
void clamp_below(std::span<float> values, float at_least);

/// values[i] = 1 / (1 + e^-values[i]). Values stay within 0..1; NaN stays NaN.
void apply_sigmoid(std::span<float> values);

/// values[i] = e^values[i] / sum of e^values[k]. All NaN when one is, or when one is +infinity.
void apply_softmax(std::span<float> values);

}  // namespace osprey::vision
