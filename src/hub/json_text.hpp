// JSON from outside: parsed under limits, read without exceptions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace osprey::hub {

constexpr std::size_t kMaxJsonBytes = std::size_t{8} << 20U;

/// Errors: data_corrupted: no JSON object, longer than kMaxJsonBytes, nested deeper than 64.
[[nodiscard]] Result<nlohmann::json> parse_json_object(std::string_view text);

/// A member that is there and not null; else null, also when `value` is no object.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& value, const char* name);

/// A member of that kind; none when it is absent, null or of another kind.
[[nodiscard]] std::optional<std::string> text_member(const nlohmann::json& value, const char* name);
[[nodiscard]] std::optional<bool> bool_member(const nlohmann::json& value, const char* name);
[[nodiscard]] std::optional<long long> integer_member(const nlohmann::json& value, const char* name);
[[nodiscard]] std::optional<double> number_member(const nlohmann::json& value, const char* name);

/// JSON as text, for a person.
[[nodiscard]] std::string to_text(const nlohmann::json& value);

}  // namespace osprey::hub
