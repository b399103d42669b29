// The values of a tensor as JSON tells them: read into raw form, written from it.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.hpp"
#include "base/result.hpp"
#include "oip/tensors.hpp"

namespace osprey::oip {

/// What a tensor's `data` is read into.
struct TensorData {
  std::string raw;                         ///< of all datatypes but BYTES
  std::vector<std::string_view> elements;  ///< of BYTES; views live as long as the parser and its text
};

/// Reads the list `data` of the tensor `name`: flat, or nested as its shape is. `count`: elements that the shape makes.
/// `levels`: how deep lists may be nested. Errors: invalid_argument, for malformed JSON too.
[[nodiscard]] Result<TensorData> read_tensor_data(simdjson::ondemand::value data, std::string_view name, DataType type,
                                                  std::span<const std::int64_t> shape, std::size_t count, int levels);

/// Writes a tensor's values as a flat list. Errors: invalid_argument for values that are not numbers and for FP16,
/// which JSON does not tell: they have to be asked for in binary form.
[[nodiscard]] Status write_tensor_data(const OutputTensor& tensor, api::JsonWriter& json);

/// Malformed JSON, as an error.
[[nodiscard]] Error json_error(simdjson::error_code error);

}  // namespace osprey::oip
