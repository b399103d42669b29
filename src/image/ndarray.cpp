#include "image/ndarray.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "image/formats.hpp"
#include "image/pickle.hpp"

namespace osprey::image {

namespace {

static_assert(std::endian::native == std::endian::little, "elements are read as little-endian");

Error refused(const std::string& why) {
  return {Code::invalid_argument, "Could not deserialize pickle payload. " + why};
}

// The bits of a half-precision float; C++20 has no type for it.
enum class Half : std::uint16_t {};

float value_of(Half half) {
  const auto bits = static_cast<unsigned>(half);
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const float mantissa = static_cast<float>(bits & 1023);
  float value = 0;
  if (exponent == 31) {
    value = mantissa != 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  } else {
    value = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(mantissa + 1024, exponent - 25);
  }
  return bits >> 15 != 0 ? -value : value;
}

std::uint8_t to_pixel(bool value) {
  return value ? 1 : 0;
}

template <typename Number>
std::uint8_t to_pixel(Number value) {
  if constexpr (std::is_same_v<Number, Half>) {
    return to_pixel(value_of(value));
  } else if constexpr (std::is_same_v<Number, std::uint8_t>) {
    return value;
  } else {
    constexpr Number kBrightest = static_cast<Number>(255);
    if (!(value > Number{0})) return 0;  // NaN too
    if constexpr (!std::is_same_v<Number, std::int8_t>) {
      if (value >= kBrightest) return 255;
    }
    return static_cast<std::uint8_t>(value);
  }
}

template <typename Number>
Number load(const std::byte* at, bool big_endian) {
  std::byte bytes[sizeof(Number)];
  std::memcpy(bytes, at, sizeof bytes);
  if (sizeof bytes > 1 && big_endian) std::reverse(bytes, bytes + sizeof bytes);
  if constexpr (std::is_same_v<Number, bool>) {
    return bytes[0] != std::byte{0};  // other values than 0 and 1 are no C++ bool
  } else {
    Number value;
    std::memcpy(&value, bytes, sizeof bytes);
    return value;
  }
}

// `channel_stride` is 0 for grey, so that one value is written three times. Strides are in elements.
template <typename Number>
void convert(const PickledArray& array, std::int64_t channel_stride, Image& image) {
  const auto [width, height] = image.size();
  for (int y = 0; y < height; ++y) {
    std::uint8_t* out = image.row(y);
    for (int x = 0; x < width; ++x) {
      const std::int64_t first = y * array.strides[0] + x * array.strides[1];
      for (int c = 0; c < kChannels; ++c) {
        const auto at = static_cast<std::size_t>(first + c * channel_stride) * sizeof(Number);
        *out++ = to_pixel(load<Number>(array.data.data() + at, array.type.big_endian));
      }
    }
  }
}

template <typename One, typename Two, typename Four, typename Eight>
void convert_sized(const PickledArray& array, std::int64_t channel_stride, Image& image) {
  switch (array.type.size) {
    case 1: return convert<One>(array, channel_stride, image);
    case 2: return convert<Two>(array, channel_stride, image);
    case 4: return convert<Four>(array, channel_stride, image);
    default: return convert<Eight>(array, channel_stride, image);
  }
}

Result<Image> to_image(const PickledArray& array, const DecodeLimits& limits) {
  const std::size_t rank = array.shape.size();
  const std::int64_t channels = rank == 3 ? array.shape[2] : 1;
  if ((rank != 2 && rank != 3) || (channels != 1 && channels != kChannels)) {
    std::string shape;
    for (const std::int64_t side : array.shape) shape += (shape.empty() ? "" : " x ") + std::to_string(side);
    return refused("The array is " + (shape.empty() ? "a single number" : shape) +
                   ": an image is H x W, H x W x 1 or H x W x 3.");
  }
  const Result<Size> size = checked_size(array.shape[1], array.shape[0], limits);
  if (!size) return size.error();
  Image image(*size);
  const std::int64_t channel_stride = channels == 1 ? 0 : array.strides[2];
  const bool packed = channel_stride == 1 && array.strides[1] == kChannels && array.strides[0] == image.stride();
  if (packed && array.type.kind == ElementKind::unsigned_integer && array.type.size == 1) {
    std::memcpy(image.data(), array.data.data(), array.data.size());
    return image;
  }
  switch (array.type.kind) {
    case ElementKind::boolean: convert<bool>(array, channel_stride, image); break;
    case ElementKind::unsigned_integer:
      convert_sized<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>(array, channel_stride, image);
      break;
    case ElementKind::signed_integer:
      convert_sized<std::int8_t, std::int16_t, std::int32_t, std::int64_t>(array, channel_stride, image);
      break;
    case ElementKind::floating:
      convert_sized<Half, Half, float, double>(array, channel_stride, image);  // there is none of one byte
      break;
  }
  return image;
}

}  // namespace

Result<Image> image_from_pickled_ndarray(std::span<const std::byte> pickle, const DecodeLimits& limits) {
  if (pickle.size() > limits.max_pickle_bytes) {
    return Error{Code::payload_too_large, "pickle of " + std::to_string(pickle.size()) +
                                              " bytes is over the limit of " + std::to_string(limits.max_pickle_bytes) +
                                              " bytes"};
  }
  try {
    const Result<PickledArray> array = read_pickled_array(pickle);
    if (!array) return refused("Reason: " + array.error().message + ".");
    return to_image(*array, limits);
  } catch (const std::bad_alloc&) {
    return Error{Code::overloaded, "not enough memory to read this array now"};
  }
}

}  // namespace osprey::image
