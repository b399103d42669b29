// Tensors of the Open Inference Protocol: by name, datatype and shape; no form of the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"

namespace osprey::oip {

/// The protocol's datatypes.
enum class DataType { boolean, uint8, uint16, uint32, uint64, int8, int16, int32, int64, fp16, fp32, fp64, bytes };

/// "BOOL", "UINT8", ..., "FP64", "BYTES".
[[nodiscard]] std::string_view to_string(DataType type);
/// The datatype of a name as written above; none for any other text.
[[nodiscard]] std::optional<DataType> datatype_of(std::string_view name);
/// Bytes of one element; 0 for BYTES, whose elements have lengths of their own.
[[nodiscard]] std::size_t element_size(DataType type);

/// Elements of a tensor of that shape. Errors: invalid_argument, naming `tensor`, for a negative dimension and for a
/// product of more than 2^40 (which no request holds).
[[nodiscard]] Result<std::size_t> checked_count(std::string_view tensor, std::span<const std::int64_t> shape);

/// A value of a parameter of a request, an input or an output.
using Parameter = std::variant<bool, std::int64_t, double, std::string>;
using Parameters = std::map<std::string, Parameter, std::less<>>;

/// All elements one after the other, row-major, little-endian; an element of BYTES is its length as a little-endian
/// uint32 and then its bytes; a BOOL is a byte of 0 or 1. This is the protocol's raw and binary form; it need not be
/// aligned.
using RawData = std::span<const std::byte>;

/// The elements of a BYTES tensor, each viewed where it lies.
struct Elements {
  std::vector<std::string_view> values;
  /// They stood in JSON, which carries no binary: a picture is base64 text then.
  bool text = false;
};

/// An input as a client gave it. Its data belongs to whoever made the request (InferRequest::keep_alive).
struct InputTensor {
  std::string name;
  DataType datatype = DataType::fp32;
  Shape shape;
  Parameters parameters = {};
  std::variant<RawData, Elements> data = RawData();
};

/// An output, which owns its data: a client's wire may move it on.
struct OutputTensor {
  std::string name;
  DataType datatype = DataType::fp32;
  Shape shape;
  std::string data;  ///< as RawData
};

/// The elements of a BYTES tensor in raw form, viewed. Errors: invalid_argument, naming `tensor`, for a length that
/// leads beyond the data, bytes that are left over, and a number of elements other than `count`.
[[nodiscard]] Result<std::vector<std::string_view>> split_bytes(std::string_view tensor, RawData data,
                                                                std::size_t count);

/// Appends an element of a BYTES tensor in raw form. Requires that it has less than 4 GiB.
void append_bytes(std::string_view element, std::string& data);

/// Whether name, shape and data of an input fit each other: the number of bytes, or of elements, is what datatype and
/// shape say. Errors: invalid_argument, saying what was found and what was expected.
[[nodiscard]] Status check_input(const InputTensor& input);

}  // namespace osprey::oip
