#include "oip/tensors.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace osprey::oip {
namespace {

struct TypeRow {
  DataType type;
  std::string_view name;
  std::size_t size;
};
constexpr std::array<TypeRow, 13> kTypes{{{DataType::boolean, "BOOL", 1},
                                          {DataType::uint8, "UINT8", 1},
                                          {DataType::uint16, "UINT16", 2},
                                          {DataType::uint32, "UINT32", 4},
                                          {DataType::uint64, "UINT64", 8},
                                          {DataType::int8, "INT8", 1},
                                          {DataType::int16, "INT16", 2},
                                          {DataType::int32, "INT32", 4},
                                          {DataType::int64, "INT64", 8},
                                          {DataType::fp16, "FP16", 2},
                                          {DataType::fp32, "FP32", 4},
                                          {DataType::fp64, "FP64", 8},
                                          {DataType::bytes, "BYTES", 0}}};
constexpr std::size_t kMaxElements = std::size_t{1} << 40;
constexpr std::size_t kMaxDimensions = 32;
constexpr std::size_t kPrefix = sizeof(std::uint32_t);

const TypeRow& row(DataType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& each) { return each.type == type; });
}

Error wrong(std::string_view tensor, const std::string& what) {
  return {Code::invalid_argument, "the tensor '" + std::string(tensor) + "' " + what};
}

}  // namespace

std::string_view to_string(DataType type) {
  return row(type).name;
}

std::optional<DataType> datatype_of(std::string_view name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& each) { return each.name == name; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->type);
}

std::size_t element_size(DataType type) {
  return row(type).size;
}

Result<std::size_t> checked_count(std::string_view tensor, std::span<const std::int64_t> shape) {
  if (shape.size() > kMaxDimensions) {
    return wrong(tensor, "has " + std::to_string(shape.size()) + " dimensions; at most " +
                             std::to_string(kMaxDimensions) + " are taken");
  }
  const Shape whole(shape.begin(), shape.end());
  std::size_t count = 1;
  for (const auto dimension : shape) {
    if (dimension < 0) {
      return wrong(tensor, "has the dimension " + std::to_string(dimension) + "; a request's are 0 or more");
    }
    const auto size = static_cast<std::size_t>(dimension);
    if (size > kMaxElements || (size > 0 && count > kMaxElements / size)) {
      return wrong(tensor, "has a shape of more elements than any request holds: " + osprey::to_string(whole));
    }
    count *= size;
  }
  return count;
}

Result<std::vector<std::string_view>> split_bytes(std::string_view tensor, RawData data, std::size_t count) {
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  std::vector<std::string_view> elements;
  elements.reserve(std::min(count, data.size() / kPrefix));
  std::size_t at = 0;
  while (at < text.size()) {
    if (elements.size() == count) {
      return wrong(tensor, "has " + std::to_string(text.size() - at) + " bytes more than its " + std::to_string(count) +
                               " elements");
    }
    std::uint32_t size = 0;
    if (text.size() - at < kPrefix) {
      return wrong(tensor, "ends within the length of element " + std::to_string(elements.size()));
    }
    std::memcpy(&size, text.data() + at, kPrefix);
    at += kPrefix;
    if (text.size() - at < size) {
      return wrong(tensor, "has an element " + std::to_string(elements.size()) + " of " + std::to_string(size) +
                               " bytes, of which only " + std::to_string(text.size() - at) + " are there");
    }
    elements.push_back(text.substr(at, size));
    at += size;
  }
  if (elements.size() != count) {
    return wrong(tensor,
                 "has " + std::to_string(elements.size()) + " elements; its shape makes " + std::to_string(count));
  }
  return elements;
}

void append_bytes(std::string_view element, std::string& data) {
  const auto size = static_cast<std::uint32_t>(element.size());
  std::array<char, kPrefix> prefix{};
  std::memcpy(prefix.data(), &size, kPrefix);
  data.append(prefix.data(), kPrefix).append(element);
}

Status check_input(const InputTensor& input) {
  const auto count = checked_count(input.name, input.shape);
  if (!count) return count.error();
  if (const auto* elements = std::get_if<Elements>(&input.data)) {
    if (input.datatype != DataType::bytes) {
      return wrong(input.name, "has elements of bytes, but the datatype " + std::string(to_string(input.datatype)));
    }
    if (elements->values.size() != *count) {
      return wrong(input.name, "has " + std::to_string(elements->values.size()) + " elements; its shape makes " +
                                   std::to_string(*count));
    }
    return {};
  }
  const auto data = std::get<RawData>(input.data);
  if (input.datatype == DataType::bytes) {
    auto elements = split_bytes(input.name, data, *count);
    return elements ? Status() : Status(std::move(elements).error());
  }
  const auto expected = *count * element_size(input.datatype);
  if (data.size() != expected) {
    return wrong(input.name, "has " + std::to_string(data.size()) + " bytes; its shape and datatype make " +
                                 std::to_string(expected));
  }
  return {};
}

}  // namespace osprey::oip
