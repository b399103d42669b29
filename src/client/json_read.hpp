// Reading values of answers: what is missing or of another type leaves the default, as servers differ in what they
// tell.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/base64.hpp"

namespace osprey::client {

inline void read_value(simdjson::ondemand::value value, double& out) {
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) out = number;
}

inline void read_value(simdjson::ondemand::value value, int& out) {
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) return;
  constexpr double kMost = std::numeric_limits<int>::max();
  if (number >= -kMost && number <= kMost) out = static_cast<int>(number);
}

inline void read_value(simdjson::ondemand::value value, std::string& out) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) out = text;
}

/// Base64 text.
inline void read_value(simdjson::ondemand::value value, std::vector<std::byte>& out) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return;
  if (auto bytes = decode_base64(text)) out = std::move(*bytes);
}

/// Calls `on_field(name, value)` for each field of an object; nothing where it is none. The name lives until the value
/// is read. Returns the error of text that is no JSON.
template <typename OnField>
simdjson::error_code for_each_field(simdjson::ondemand::object& object, OnField on_field) {
  for (auto field : object) {
    simdjson::ondemand::field one;
    if (const auto error = std::move(field).get(one)) return error;
    std::string_view name;
    if (const auto error = one.unescaped_key().get(name)) return error;
    if (const auto error = on_field(name, one.value())) return error;
  }
  return simdjson::SUCCESS;
}

template <typename OnField>
simdjson::error_code for_each_field(simdjson::ondemand::value value, OnField on_field) {
  simdjson::ondemand::object object;
  const auto error = value.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) return simdjson::SUCCESS;
  return error ? error : for_each_field(object, on_field);
}

/// Calls `on_item(value)` for each item of a list; nothing where it is none.
template <typename OnItem>
simdjson::error_code for_each_item(simdjson::ondemand::value value, OnItem on_item) {
  simdjson::ondemand::array array;
  const auto error = value.get_array().get(array);
  if (error == simdjson::INCORRECT_TYPE) return simdjson::SUCCESS;
  if (error) return error;
  for (auto item : array) {
    simdjson::ondemand::value one;
    if (const auto failed = std::move(item).get(one)) return failed;
    if (const auto failed = on_item(one)) return failed;
  }
  return simdjson::SUCCESS;
}

}  // namespace osprey::client
