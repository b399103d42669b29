#include "api/json_value.hpp"

#include <cstring>

namespace osprey::api {
namespace {

namespace od = simdjson::ondemand;

simdjson::error_code read_text(od::value value, std::string_view token, Scalar& scalar) {
  scalar.kind = Scalar::Kind::text;
  const auto end = token.rfind('"');
  const std::string_view inside = token.substr(1, end - 1);
  if (end == 0 || end == std::string_view::npos) return simdjson::STRING_ERROR;
  if (std::memchr(inside.data(), '\\', inside.size()) != nullptr) return value.get_string().get(scalar.text);
  scalar.text = inside;
  // Consumes the token; the copy that get_string() would make is not needed.
  od::raw_json_string ignored;
  return value.get_raw_json_string().get(ignored);
}

bool is_long_integer(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  return token.size() > 18 && token[0] != '0' && token.find_first_not_of("0123456789") == std::string_view::npos;
}

simdjson::error_code read_number(od::value value, Scalar& scalar) {
  if (is_long_integer(scalar.raw)) {
    // Perhaps more than 64 bits hold: JSON allows them, and to a field they are as good as any large number.
    scalar.kind = Scalar::Kind::number;
    return value.get_double().get(scalar.number);
  }
  od::number number;
  if (const auto error = value.get_number().get(number)) return error;
  if (number.is_int64()) {
    scalar.kind = Scalar::Kind::integer;
    scalar.integer = number.get_int64();
  } else {
    scalar.kind = Scalar::Kind::number;
    scalar.number = number.is_uint64() ? static_cast<double>(number.get_uint64()) : number.get_double();
  }
  return simdjson::SUCCESS;
}

simdjson::error_code read_list(od::value value, Scalar& scalar, int levels) {
  scalar.kind = Scalar::Kind::list;
  od::array array;
  if (const auto error = value.get_array().get(array)) return error;
  for (auto item : array) {
    od::value inner;
    if (const auto error = std::move(item).get(inner)) return error;
    if (const auto error = read_scalar(inner, scalar.items.emplace_back(), levels - 1)) return error;
  }
  return simdjson::SUCCESS;
}

/// Objects are only checked: no field takes one, but `image`, which its parser reads itself.
simdjson::error_code skip_object(od::value value, Scalar& scalar, int levels) {
  scalar.kind = Scalar::Kind::object;
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  for (auto field : object) {
    od::field inner;
    if (const auto error = std::move(field).get(inner)) return error;
    std::string_view key;
    if (const auto error = inner.unescaped_key().get(key)) return error;
    Scalar ignored;
    if (const auto error = read_scalar(inner.value(), ignored, levels - 1)) return error;
  }
  return simdjson::SUCCESS;
}

}  // namespace

simdjson::error_code read_scalar(od::value value, Scalar& scalar, int levels) {
  if (levels <= 0) return simdjson::DEPTH_ERROR;
  od::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  std::string_view token = value.raw_json_token();
  while (!token.empty() && std::strchr(" \t\r\n", token.back()) != nullptr) token.remove_suffix(1);
  switch (type) {
    case od::json_type::string: scalar.raw = token; return read_text(value, token, scalar);
    case od::json_type::number: scalar.raw = token; return read_number(value, scalar);
    case od::json_type::boolean:
      scalar.raw = token;
      scalar.kind = Scalar::Kind::boolean;
      return value.get_bool().get(scalar.boolean);
    case od::json_type::null: {
      scalar.raw = token;
      scalar.kind = Scalar::Kind::null;
      bool is_null = false;
      if (const auto error = value.is_null().get(is_null)) return error;
      return is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
    case od::json_type::array: scalar.raw = "[]"; return read_list(value, scalar, levels);
    case od::json_type::object: scalar.raw = "{}"; return skip_object(value, scalar, levels);
  }
  return simdjson::INCORRECT_TYPE;
}

}  // namespace osprey::api
