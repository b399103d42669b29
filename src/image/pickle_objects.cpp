#include "image/pickle_objects.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

// What an array's pickle consists of is numpy's __reduce__ and __reduce_ex__: multiarray._reconstruct(ndarray, (0,),
// b"b") and then a state (version, shape, dtype, is_fortran, bytes), or, for protocol 5, numeric._frombuffer(bytes,
// dtype, shape, order[, axes]).

namespace osprey::image {

namespace {

using Kind = Value::Kind;

Error refuse(std::string what) {
  return {Code::invalid_argument, std::move(what)};
}

// Latin-1 bytes of a text, or nothing if a character is beyond U+00FF or the text is malformed.
std::optional<std::vector<std::byte>> latin1_bytes(const Value& text) {
  const std::string_view in = as_text(text.bytes);
  std::vector<std::byte> out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size();) {
    unsigned code = static_cast<unsigned char>(in[i]);
    std::size_t length = 1;
    if (text.escaped) {
      if (code == '\\' && i + 1 < in.size() && in[i + 1] == 'u') {
        length = 6;
        if (in.size() - i < length) return std::nullopt;
        const char* const end = in.data() + i + length;
        const auto [parsed, error] = std::from_chars(in.data() + i + 2, end, code, 16);
        if (error != std::errc{} || parsed != end) return std::nullopt;
      }
    } else if (code >= 0x80) {
      length = 2;  // U+0080 to U+00FF are two bytes of UTF-8, starting with C2 or C3
      if (code < 0xC2 || code > 0xC3 || i + 1 >= in.size()) return std::nullopt;
      const unsigned low = static_cast<unsigned char>(in[i + 1]);
      if ((low & 0xC0) != 0x80) return std::nullopt;
      code = (code & 0x03) << 6 | (low & 0x3F);
    }
    if (code > 0xFF) return std::nullopt;
    out.push_back(static_cast<std::byte>(code));
    i += length;
  }
  return out;
}

// numpy's type letters and sizes that an image may have: "u1", "f4", "b1", also with a byte order before them.
std::optional<ElementType> element_type(std::string_view code) {
  ElementType type;
  if (code.size() == 3 && (code[0] == '<' || code[0] == '>' || code[0] == '|' || code[0] == '=')) {
    type.big_endian = code[0] == '>';
    code.remove_prefix(1);
  }
  if (code.size() != 2) return std::nullopt;
  type.size = static_cast<std::size_t>(code[1] - '0');
  const bool small = type.size == 1;
  const bool larger = type.size == 2 || type.size == 4 || type.size == 8;
  switch (code[0]) {
    case 'b': type.kind = ElementKind::boolean; return small ? std::optional(type) : std::nullopt;
    case 'u': type.kind = ElementKind::unsigned_integer; return small || larger ? std::optional(type) : std::nullopt;
    case 'i': type.kind = ElementKind::signed_integer; return small || larger ? std::optional(type) : std::nullopt;
    case 'f': type.kind = ElementKind::floating; return larger ? std::optional(type) : std::nullopt;
    default: return std::nullopt;
  }
}

// Sides are positive and the elements exactly fill `bytes`; so no product of sides overflows.
bool fills(const std::vector<std::int64_t>& shape, std::size_t element_size, std::size_t bytes) {
  std::uint64_t total = element_size;
  for (const std::int64_t side : shape) {
    if (side <= 0 || static_cast<std::uint64_t>(side) > bytes / total) return false;
    total *= static_cast<std::uint64_t>(side);
  }
  return total == bytes;
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + ")";
}

// In elements: of C order (the last side varies fastest) or of Fortran order (the first one).
std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& shape, bool fortran) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t side = fortran ? i : shape.size() - 1 - i;
    strides[side] = step;
    step *= shape[side];
  }
  return strides;
}

// Makes side i what side axes[i] was. False if `axes` does not name each side once.
bool transpose(PickledArray& array, const std::vector<std::int64_t>& axes) {
  const std::vector<std::int64_t> shape = array.shape;
  const std::vector<std::int64_t> strides = array.strides;
  std::vector<bool> seen(shape.size());
  if (axes.size() != shape.size()) return false;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::uint64_t>(axes[i]);
    if (axis >= shape.size() || seen[axis]) return false;
    seen[axis] = true;
    array.shape[i] = shape[axis];
    array.strides[i] = strides[axis];
  }
  return true;
}

}  // namespace

// For a message: short, and printable whatever the client sent.
std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > kLongest ? "...'" : "'");
}

std::optional<Name> known_name(std::string_view module, std::string_view name) {
  struct Entry {
    std::string_view module;
    std::string_view name;
    Name meaning;
  };
  static constexpr std::array kNames{
      Entry{"numpy", "ndarray", Name::ndarray},
      Entry{"numpy", "dtype", Name::dtype},
      Entry{"numpy.core.multiarray", "_reconstruct", Name::reconstruct},
      Entry{"numpy._core.multiarray", "_reconstruct", Name::reconstruct},
      Entry{"numpy.core.numeric", "_frombuffer", Name::frombuffer},
      Entry{"numpy._core.numeric", "_frombuffer", Name::frombuffer},
      Entry{"_codecs", "encode", Name::encode},
  };
  const auto* const found =
      std::ranges::find_if(kNames, [&](const Entry& entry) { return entry.module == module && entry.name == name; });
  return found == kNames.end() ? std::nullopt : std::optional(found->meaning);
}

Value NumpyObjects::make_tuple(std::span<const Value> items) {
  tuples_.emplace_back(items.begin(), items.end());
  return {.kind = Kind::tuple, .integer = static_cast<std::int64_t>(tuples_.size() - 1)};
}

Value NumpyObjects::add_array(Array array) {
  arrays_.push_back(std::move(array));
  return {.kind = Kind::array, .integer = static_cast<std::int64_t>(arrays_.size() - 1)};
}

std::optional<std::vector<std::int64_t>> NumpyObjects::integers(const Value& tuple) const {
  if (tuple.kind != Kind::tuple) return std::nullopt;
  std::vector<std::int64_t> out;
  for (const Value& item : items(tuple)) {
    if (item.kind != Kind::integer) return std::nullopt;
    out.push_back(item.integer);
  }
  return out;
}

Result<Value> NumpyObjects::call(Name function, const std::vector<Value>& arguments) {
  switch (function) {
    case Name::reconstruct: return call_reconstruct(arguments);
    case Name::dtype: return call_dtype(arguments);
    case Name::encode: return call_encode(arguments);
    case Name::frombuffer: return call_frombuffer(arguments);
    case Name::ndarray: break;
  }
  return refuse("a call of numpy.ndarray");
}

Result<Value> NumpyObjects::call_reconstruct(const std::vector<Value>& arguments) {
  if (arguments.size() != 3 || arguments[0].kind != Kind::name ||
      static_cast<Name>(arguments[0].integer) != Name::ndarray) {
    return refuse("_reconstruct of something else than numpy.ndarray");
  }
  return add_array({});
}

Result<Value> NumpyObjects::call_dtype(const std::vector<Value>& arguments) {
  if (arguments.empty() || arguments[0].kind != Kind::text) return refuse("a dtype without a name");
  const std::string_view code = as_text(arguments[0].bytes);
  const auto type = element_type(code);
  if (!type) return refuse("element type " + quoted(code) + ": must be a boolean, an integer or a float");
  types_.push_back(*type);
  return Value{.kind = Kind::type, .integer = static_cast<std::int64_t>(types_.size() - 1)};
}

Result<Value> NumpyObjects::call_encode(const std::vector<Value>& arguments) {
  if (arguments.size() != 2 || arguments[0].kind != Kind::text || arguments[1].kind != Kind::text ||
      as_text(arguments[1].bytes) != "latin1") {
    return refuse("_codecs.encode of something else than text as latin1");
  }
  // numpy encodes each text once; a pickle that asks for more bytes than it has is not its.
  if (arguments[0].bytes.size() > max_bytes_) return refuse("the same text encoded several times");
  auto encoded = latin1_bytes(arguments[0]);
  if (!encoded) return refuse("text that is not latin1");
  max_bytes_ -= arguments[0].bytes.size();
  buffers_.push_back(std::move(*encoded));
  return Value{.kind = Kind::bytes, .bytes = buffers_.back()};
}

Result<Value> NumpyObjects::call_frombuffer(const std::vector<Value>& arguments) {
  const std::size_t count = arguments.size();
  if ((count != 4 && count != 5) || arguments[3].kind != Kind::text) {
    return refuse("_frombuffer with unknown arguments");
  }
  Array array{.built = true, .content = {}};
  if (Status filled = fill(array.content, arguments[2], arguments[1], arguments[0]); !filled) return filled.error();
  const std::string_view order = as_text(arguments[3].bytes);
  if (order != "C" && order != "F" && order != "K") {
    return refuse("memory order " + quoted(order) + ": must be 'C', 'F' or 'K'");
  }
  array.content.strides = strides_of(array.content.shape, order == "F");
  if (order == "K" && count == 5 && arguments[4].kind != Kind::none) {
    const auto axes = integers(arguments[4]);
    if (!axes || !transpose(array.content, *axes)) return refuse("axes that do not fit the shape");
  }
  return add_array(std::move(array));
}

Status NumpyObjects::build(const Value& object, const std::vector<Value>& state) {
  const auto index = static_cast<std::size_t>(object.integer);
  if (object.kind == Kind::type) return build_dtype(types_[index], state);
  if (object.kind == Kind::array) return build_array(arrays_[index], state);
  return refuse("state for something that is no array and no dtype");
}

Status NumpyObjects::build_dtype(ElementType& type, const std::vector<Value>& state) {
  // (version, byte order, sub-array, names, fields, item size, alignment, flags[, metadata])
  if ((state.size() != 8 && state.size() != 9) || state[1].kind != Kind::text) {
    return refuse("unknown state of a dtype");
  }
  for (std::size_t i = 2; i < 5; ++i) {
    if (state[i].kind != Kind::none) return refuse("a structured dtype: elements must be plain numbers");
  }
  const std::string_view order = as_text(state[1].bytes);
  if (order != "|" && order != "<" && order != ">" && order != "=") return refuse("byte order " + quoted(order));
  type.big_endian = order == ">";
  return {};
}

Status NumpyObjects::build_array(Array& array, const std::vector<Value>& state) const {
  // (version, shape, dtype, whether in Fortran order, bytes)
  const bool flag_known = state.size() == 5 && (state[3].kind == Kind::boolean || state[3].kind == Kind::integer);
  if (!flag_known || state[0].kind != Kind::integer || state[0].integer != 1) {
    return refuse("unknown state of an array");
  }
  if (Status filled = fill(array.content, state[1], state[2], state[4]); !filled) return filled;
  array.content.strides = strides_of(array.content.shape, state[3].integer != 0);
  array.built = true;
  return {};
}

Status NumpyObjects::fill(PickledArray& array, const Value& shape, const Value& type, const Value& data) const {
  auto sides = integers(shape);
  constexpr std::size_t kMaxSides = 32;  // numpy's own limit
  if (!sides || sides->size() > kMaxSides) return refuse("a shape that is not a tuple of at most 32 integers");
  if (type.kind != Kind::type) return refuse("an array without a dtype");
  if (data.kind != Kind::bytes) return refuse("an array without bytes");
  array.type = types_[static_cast<std::size_t>(type.integer)];
  array.shape = std::move(*sides);
  array.data = data.bytes;
  if (!fills(array.shape, array.type.size, array.data.size())) {
    return refuse("shape " + text_of(array.shape) + " of " + std::to_string(array.type.size) +
                  "-byte elements does not fit " + std::to_string(array.data.size()) +
                  " bytes of data (sides must be at least 1)");
  }
  return {};
}

Result<PickledArray> NumpyObjects::take_array(const Value& value) {
  if (value.kind != Kind::array) return refuse("something else than a numpy array");
  Array& array = arrays_[static_cast<std::size_t>(value.integer)];
  if (!array.built) return refuse("an array without content");
  array.content.buffers = std::move(buffers_);
  return std::move(array.content);
}

}  // namespace osprey::image
