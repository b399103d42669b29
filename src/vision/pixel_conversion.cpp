#include "vision/pixel_conversion.hpp"

#include <algorithm>
#include <cstddef>

namespace osprey::vision {
namespace {

using Arithmetic = PixelConversion::Arithmetic;

#if defined(__x86_64__)

// The baseline of x86-64 has no fused multiply-add, so these two are built for AVX2 and used where the processor has
// it.
template <bool kNormalizes>
[[gnu::always_inline]] inline float convert(std::uint8_t pixel, const Arithmetic& channel) {
  const auto x = static_cast<float>(pixel);
  const float scaled = __builtin_fmaf(x, channel.inverse, x * channel.rest);
  return kNormalizes ? (scaled - channel.mean) / channel.std : scaled;
}

template <bool kNormalizes>
[[gnu::target("avx2,fma")]] void convert_row_avx2(const std::uint8_t* bgr, int width,
                                                  const std::array<Arithmetic, 3>& channels,
                                                  const std::array<float*, 3>& planes) {
  const Arithmetic blue = channels[0];
  const Arithmetic green = channels[1];
  const Arithmetic red = channels[2];
  float* __restrict const to_blue = planes[0];
  float* __restrict const to_green = planes[1];
  float* __restrict const to_red = planes[2];
  for (int x = 0; x < width; ++x) {
    to_blue[x] = convert<kNormalizes>(bgr[3 * x], blue);
    to_green[x] = convert<kNormalizes>(bgr[3 * x + 1], green);
    to_red[x] = convert<kNormalizes>(bgr[3 * x + 2], red);
  }
}

PixelConversion::RowFunction vectorized_row_function(bool normalizes) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return nullptr;
  return normalizes ? &convert_row_avx2<true> : &convert_row_avx2<false>;
}

#else

PixelConversion::RowFunction vectorized_row_function(bool) {
  return nullptr;
}

#endif

}  // namespace

PixelConversion::PixelConversion(const ValueScaling& scaling, ColorMode color_mode)
    : channel_(color_mode == ColorMode::rgb ? std::array<std::size_t, 3>{2, 1, 0}
                                            : std::array<std::size_t, 3>{0, 1, 2}) {
  const Normalization normalization = scaling.normalization.value_or(Normalization{});
  for (std::size_t channel = 0; channel < table_.size(); ++channel) {
    for (std::size_t pixel = 0; pixel < table_[channel].size(); ++pixel) {
      float value = static_cast<float>(pixel) / scaling.divisor;
      if (scaling.second_divisor) value = value * 255.0F / *scaling.second_divisor;
      table_[channel][pixel] = (value - normalization.mean[channel]) / normalization.std[channel];
    }
  }
  for (std::size_t byte = 0; byte < channel_.size(); ++byte) {
    // Two floats hold the inverse to some 48 bits: enough for the fused product to round as the division does.
    const double inverse = 1.0 / static_cast<double>(scaling.divisor);
    const auto rounded = static_cast<float>(inverse);
    arithmetic_[byte] = {rounded, static_cast<float>(inverse - static_cast<double>(rounded)),
                         normalization.mean[channel_[byte]], normalization.std[channel_[byte]]};
  }
  vectorized_ = exact_row_function(scaling.normalization.has_value());
}

// Trusts no reasoning about rounding: the function is tried on all 256 pixel values.
PixelConversion::RowFunction PixelConversion::exact_row_function(bool normalizes) const {
  const RowFunction function = vectorized_row_function(normalizes);
  if (function == nullptr) return nullptr;
  std::array<std::uint8_t, 256 * image::kChannels> every_value;
  for (std::size_t i = 0; i < every_value.size(); ++i) every_value[i] = static_cast<std::uint8_t>(i / image::kChannels);
  Table result;
  function(every_value.data(), 256, arithmetic_, by_byte({result[0].data(), result[1].data(), result[2].data()}));
  return result == table_ ? function : nullptr;
}

void PixelConversion::convert_row(const std::uint8_t* bgr, int width, const std::array<float*, 3>& channels) const {
  const std::array<float*, 3> planes = by_byte(channels);
  if (vectorized_ != nullptr) {
    vectorized_(bgr, width, arithmetic_, planes);
    return;
  }
  const float* const blue = table_[channel_[0]].data();
  const float* const green = table_[channel_[1]].data();
  const float* const red = table_[channel_[2]].data();
  float* __restrict const to_blue = planes[0];
  float* __restrict const to_green = planes[1];
  float* __restrict const to_red = planes[2];
  for (int x = 0; x < width; ++x, bgr += image::kChannels) {
    to_blue[x] = blue[bgr[0]];
    to_green[x] = green[bgr[1]];
    to_red[x] = red[bgr[2]];
  }
}

}  // namespace osprey::vision
