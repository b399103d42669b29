#include "engine/onnxruntime/element_types.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace osprey::engine::ort {
namespace {

/// The upper half of a float32.
struct BFloat16 {
  std::uint16_t bits;
};

struct Boolean {
  std::uint8_t value;
};

float to_float(auto value) {
  return static_cast<float>(value);
}
float to_float(BFloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}
float to_float(Boolean value) {
  return value.value != 0 ? 1.0F : 0.0F;
}

template <typename T>
T from_float(float value) {
  if constexpr (std::is_same_v<T, Boolean>) {
    return {static_cast<std::uint8_t>(value != 0.0F ? 1 : 0)};
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value)) return {static_cast<std::uint16_t>((bits >> 16U) | 0x40U)};    // rounding could make it Inf
    return {static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U)};  // to nearest, ties to even
  } else if constexpr (std::is_integral_v<T>) {
    using Limits = std::numeric_limits<T>;
    if (std::isnan(value)) return 0;
    // As float32 the largest value of a wide type rounds up to one that no longer fits.
    if (value >= static_cast<float>(Limits::max())) return Limits::max();
    if (value <= static_cast<float>(Limits::min())) return Limits::min();
    return static_cast<T>(value);
  } else {
    return static_cast<T>(value);
  }
}

/// Calls `work` with a value of the C++ type of `type`.
template <typename Work>
void with_type(ElementType type, Work&& work) {
  switch (type) {
    case ElementType::float32: return work(float{});
    case ElementType::uint8: return work(std::uint8_t{});
    case ElementType::int8: return work(std::int8_t{});
    case ElementType::uint16: return work(std::uint16_t{});
    case ElementType::int16: return work(std::int16_t{});
    case ElementType::int32: return work(std::int32_t{});
    case ElementType::int64: return work(std::int64_t{});
    case ElementType::boolean: return work(Boolean{});
    case ElementType::float16: return work(_Float16{});
    case ElementType::float64: return work(double{});
    case ElementType::uint32: return work(std::uint32_t{});
    case ElementType::uint64: return work(std::uint64_t{});
    case ElementType::bfloat16: return work(BFloat16{});
  }
}

}  // namespace

std::optional<ElementType> element_type_of(int number) {
  const auto type = static_cast<ElementType>(number);
  switch (type) {
    case ElementType::float32:
    case ElementType::uint8:
    case ElementType::int8:
    case ElementType::uint16:
    case ElementType::int16:
    case ElementType::int32:
    case ElementType::int64:
    case ElementType::boolean:
    case ElementType::float16:
    case ElementType::float64:
    case ElementType::uint32:
    case ElementType::uint64:
    case ElementType::bfloat16: return type;
  }
  return std::nullopt;
}

std::size_t element_bytes(ElementType type) {
  std::size_t bytes = 0;
  with_type(type, [&](auto value) { bytes = sizeof(value); });
  return bytes;
}

void to_float32(ElementType type, const void* source, std::span<float> values) {
  with_type(type, [&](auto element) {
    const auto* bytes = static_cast<const std::byte*>(source);
    for (float& value : values) {
      std::memcpy(&element, bytes, sizeof(element));
      value = to_float(element);
      bytes += sizeof(element);
    }
  });
}

void from_float32(std::span<const float> values, ElementType type, void* target) {
  with_type(type, [&](auto element) {
    auto* bytes = static_cast<std::byte*>(target);
    for (const float value : values) {
      element = from_float<decltype(element)>(value);
      std::memcpy(bytes, &element, sizeof(element));
      bytes += sizeof(element);
    }
  });
}

}  // namespace osprey::engine::ort
