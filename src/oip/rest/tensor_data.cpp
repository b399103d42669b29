#include "oip/rest/tensor_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "api/json_value.hpp"

namespace osprey::oip {
namespace {

namespace od = simdjson::ondemand;

/// Calls `use` with a value of the C++ type of a datatype that has one.
template <typename Use>
auto with_type(DataType type, Use&& use) {
  switch (type) {
    case DataType::uint8: return use(std::uint8_t{});
    case DataType::uint16: return use(std::uint16_t{});
    case DataType::uint32: return use(std::uint32_t{});
    case DataType::uint64: return use(std::uint64_t{});
    case DataType::int8: return use(std::int8_t{});
    case DataType::int16: return use(std::int16_t{});
    case DataType::int32: return use(std::int32_t{});
    case DataType::int64: return use(std::int64_t{});
    case DataType::fp64: return use(double{});
    default: return use(float{});
  }
}

template <typename T>
void append(T value, std::string& raw) {
  raw.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Appends the number; false when it is none of type T.
template <typename T>
bool append_number(const api::Scalar& scalar, std::string& raw) {
  using Kind = api::Scalar::Kind;
  if constexpr (std::is_floating_point_v<T>) {
    if (scalar.kind != Kind::integer && scalar.kind != Kind::number) return false;
    const double value = scalar.kind == Kind::integer ? static_cast<double>(scalar.integer) : scalar.number;
    if (!(std::abs(value) <= double{std::numeric_limits<T>::max()})) return false;
    append(static_cast<T>(value), raw);
  } else {
    // From the text: a scalar's number is a double where 63 bits do not hold it.
    if (scalar.kind != Kind::integer && scalar.kind != Kind::number) return false;
    T value{};
    const auto* end = scalar.raw.data() + scalar.raw.size();
    const auto read = std::from_chars(scalar.raw.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return false;
    append(value, raw);
  }
  return true;
}

/// Reads one list, level by level.
class DataReader {
 public:
  DataReader(std::string_view name, DataType type, std::span<const std::int64_t> shape, std::size_t count, int levels)
      : name_(name), type_(type), shape_(shape), count_(count), levels_(levels) {}

  Result<TensorData> read(od::value data) {
    if (auto status = read_list(data, 0); !status) return std::move(status).error();
    const bool flat = leaf_level_ <= 1;
    if (found_ != count_) {
      return wrong("has " + std::to_string(found_) + " values; its shape makes " + std::to_string(count_));
    }
    const bool nested_as_shape =
        leaf_level_ == shape_.size() && std::equal(lengths_.begin(), lengths_.end(), shape_.begin(), shape_.end());
    if (!flat && !nested_as_shape) return wrong("is nested, but not as its shape is");
    return std::move(read_);
  }

 private:
  Error wrong(const std::string& what) const {
    return {Code::invalid_argument, "the data of the tensor '" + std::string(name_) + "' " + what};
  }

  Status read_list(od::value value, std::size_t level) {
    if (level >= static_cast<std::size_t>(std::max(levels_, 0))) return json_error(simdjson::DEPTH_ERROR);
    od::json_type type{};
    if (const auto error = value.type().get(type)) return json_error(error);
    if (type != od::json_type::array) return wrong("has to be a list");
    od::array list;
    if (const auto error = value.get_array().get(list)) return json_error(error);
    std::int64_t length = 0;
    for (auto item : list) {
      od::value inner;
      if (const auto error = std::move(item).get(inner)) return json_error(error);
      if (const auto error = inner.type().get(type)) return json_error(error);
      ++length;
      auto status = type == od::json_type::array ? read_list(inner, level + 1) : read_leaf(inner, level + 1);
      if (!status) return status;
    }
    if (lengths_.size() <= level) lengths_.resize(level + 1, kNotSeen);
    if (lengths_[level] == kNotSeen) lengths_[level] = length;
    if (lengths_[level] != length) return wrong("is nested, but not as its shape is");
    return {};
  }

  Status read_leaf(od::value value, std::size_t level) {
    if (leaf_level_ == 0) leaf_level_ = level;
    if (leaf_level_ != level) return wrong("holds values and lists side by side");
    api::Scalar scalar;
    if (const auto error = api::read_scalar(value, scalar, 1)) return json_error(error);
    if (++found_ > count_) {
      return wrong("has more values than the " + std::to_string(count_) + " that its shape makes");
    }
    if (append_value(scalar)) return {};
    if (type_ == DataType::fp16) return wrong("is FP16, which has no form in JSON; send it as binary data");
    std::string text(scalar.raw.substr(0, 40));
    return wrong("holds " + text + ", which is no " + std::string(to_string(type_)));
  }

  bool append_value(const api::Scalar& scalar) {
    switch (type_) {
      case DataType::bytes:
        if (scalar.kind != api::Scalar::Kind::text) return false;
        read_.elements.push_back(scalar.text);
        return true;
      case DataType::boolean:
        if (scalar.kind == api::Scalar::Kind::boolean) {
          read_.raw += scalar.boolean ? '\1' : '\0';
          return true;
        }
        if (scalar.kind != api::Scalar::Kind::integer || (scalar.integer & ~std::int64_t{1}) != 0) return false;
        read_.raw += static_cast<char>(scalar.integer);
        return true;
      case DataType::fp16: return false;
      default: return with_type(type_, [&](auto zero) { return append_number<decltype(zero)>(scalar, read_.raw); });
    }
  }

  static constexpr std::int64_t kNotSeen = -1;
  std::string_view name_;
  DataType type_;
  std::span<const std::int64_t> shape_;
  std::size_t count_;
  int levels_;
  TensorData read_;
  std::size_t found_ = 0;
  std::size_t leaf_level_ = 0;         // 1: in the outermost list; 0: none yet
  std::vector<std::int64_t> lengths_;  // of the lists of each level
};

template <typename T>
Status write_numbers(const OutputTensor& tensor, api::JsonWriter& json) {
  std::array<char, 32> text{};
  for (std::size_t at = 0; at + sizeof(T) <= tensor.data.size(); at += sizeof(T)) {
    T value{};
    std::memcpy(&value, tensor.data.data() + at, sizeof value);
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) {
        return Error{Code::invalid_argument, "the output '" + tensor.name +
                                                 "' holds values that are not numbers, which JSON cannot tell; ask for "
                                                 "it with the parameter binary_data"};
      }
    }
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
    json.raw({text.data(), static_cast<std::size_t>(written.ptr - text.data())});
  }
  return {};
}

}  // namespace

Error json_error(simdjson::error_code error) {
  return {Code::invalid_argument, std::string("the request's JSON cannot be read: ") + simdjson::error_message(error)};
}

Result<TensorData> read_tensor_data(od::value data, std::string_view name, DataType type,
                                    std::span<const std::int64_t> shape, std::size_t count, int levels) {
  return DataReader(name, type, shape, count, levels).read(data);
}

Status write_tensor_data(const OutputTensor& tensor, api::JsonWriter& json) {
  json.begin_array();
  if (tensor.datatype == DataType::bytes) {
    const auto count = checked_count(tensor.name, tensor.shape);
    if (!count) return count.error();
    const auto elements = split_bytes(tensor.name, std::as_bytes(std::span(tensor.data)), *count);
    if (!elements) return elements.error();
    for (const auto element : *elements) json.string(element);
  } else if (tensor.datatype == DataType::boolean) {
    for (const char value : tensor.data) json.boolean(value != 0);
  } else if (tensor.datatype == DataType::fp16) {
    return Error{Code::invalid_argument, "the output '" + tensor.name +
                                             "' is FP16, which has no form in JSON; ask for it with the parameter "
                                             "binary_data"};
  } else {
    auto written = with_type(tensor.datatype, [&](auto zero) { return write_numbers<decltype(zero)>(tensor, json); });
    if (!written) return written;
  }
  json.end_array();
  return {};
}

}  // namespace osprey::oip
