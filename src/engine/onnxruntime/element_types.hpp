// Element types of ONNX tensors, and their conversion: the rooms above know only float32.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace osprey::engine::ort {

/// Numbers as in ONNX's TensorProto.DataType, which the library uses too; those that can be converted.
enum class ElementType : int {
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  bfloat16 = 16,
};

/// The type of that number; none for text, complex numbers and packed types.
[[nodiscard]] std::optional<ElementType> element_type_of(int number);

/// Bytes of one element.
[[nodiscard]] std::size_t element_bytes(ElementType type);

/// Reads values.size() elements of `type` at `source`, which need not be aligned.
void to_float32(ElementType type, const void* source, std::span<float> values);

/// Writes the values as elements of `type` to `target`, which has room for them and need not be aligned. Integers:
/// the fraction is dropped, what is out of range becomes the nearest that fits, NaN becomes 0. Booleans: not 0.
void from_float32(std::span<const float> values, ElementType type, void* target);

}  // namespace osprey::engine::ort
