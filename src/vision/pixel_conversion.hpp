// From interleaved 8-bit pixels to the float32 planes of a network's input.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "image/image.hpp"
#include "vision/preprocess.hpp"

namespace osprey::vision {

/// What a pixel value becomes: value / divisor, then value * 255 / second_divisor if there is one, then
/// (value - mean) / std if normalised; each step rounded to float32.
struct ValueScaling {
  float divisor = 1;
  std::optional<float> second_divisor;
  std::optional<Normalization> normalization;  ///< in the order of the tensor's channels
};

/// The conversion of one plan's pixels. Every result equals the float32 arithmetic of ValueScaling bit for bit. Const
/// methods are thread-safe.
class PixelConversion {
 public:
  PixelConversion(const ValueScaling& scaling, ColorMode color_mode);

  /// What `pixel` becomes in channel 0..2 of the tensor.
  [[nodiscard]] float value(std::size_t channel, std::uint8_t pixel) const { return table_[channel][pixel]; }

  /// Converts `width` BGR pixels; `channels` tells where the row starts in each channel of the tensor.
  void convert_row(const std::uint8_t* bgr, int width, const std::array<float*, 3>& channels) const;

  using Table = std::array<std::array<float, 256>, image::kChannels>;

  /// Arithmetic that vectorises: x * inverse + x * rest in one rounding, then normalisation. For the channel that a BGR
  /// pixel's byte 0, 1 or 2 goes to.
  struct Arithmetic {
    float inverse = 1;
    float rest = 0;
    float mean = 0;
    float std = 1;
  };
  using RowFunction = void (*)(const std::uint8_t* bgr, int width, const std::array<Arithmetic, 3>& channels,
                               const std::array<float*, 3>& planes);

 private:
  [[nodiscard]] std::array<float*, 3> by_byte(const std::array<float*, 3>& channels) const {
    return {channels[channel_[0]], channels[channel_[1]], channels[channel_[2]]};
  }
  [[nodiscard]] RowFunction exact_row_function(bool normalizes) const;

  Table table_;                         // by channel of the tensor
  std::array<std::size_t, 3> channel_;  // of a BGR pixel's byte 0, 1, 2
  std::array<Arithmetic, 3> arithmetic_;
  RowFunction vectorized_ = nullptr;  // null: the table is used
};

}  // namespace osprey::vision
