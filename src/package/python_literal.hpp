// Python literals, as trainers write them into a network's metadata.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace osprey::package {

/// The value of a Python literal of strings, numbers, True, False, None, lists, tuples and dicts, e.g.
/// "{0: 'person', 1: \"dog's\"}". Tuples become arrays, number keys text. JSON texts of such values are read too, as
/// true, false and null are. Runs nothing; depth is bounded. Nothing when the text is anything else or not UTF-8.
[[nodiscard]] std::optional<nlohmann::json> parse_python_literal(std::string_view text);

}  // namespace osprey::package
