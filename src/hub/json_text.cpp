#include "hub/json_text.hpp"

#include <cmath>
#include <utility>

#include "base/json_depth.hpp"

namespace osprey::hub {
namespace {

constexpr int kMaxDepth = 64;

}  // namespace

Result<nlohmann::json> parse_json_object(std::string_view text) {
  if (text.size() > kMaxJsonBytes) return Error{Code::data_corrupted, "the JSON is too long"};
  if (is_nested_deeper(text, kMaxDepth)) return Error{Code::data_corrupted, "the JSON is nested too deep"};
  auto value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return Error{Code::data_corrupted, "this is not JSON"};
  if (!value.is_object()) return Error{Code::data_corrupted, "this is JSON, but no object"};
  return value;
}

const nlohmann::json* member(const nlohmann::json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> text_member(const nlohmann::json& value, const char* name) {
  const auto* found = member(value, name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return *found->get_ptr<const std::string*>();
}

std::optional<bool> bool_member(const nlohmann::json& value, const char* name) {
  const auto* found = member(value, name);
  if (found == nullptr || !found->is_boolean()) return std::nullopt;
  return *found->get_ptr<const bool*>();
}

std::optional<long long> integer_member(const nlohmann::json& value, const char* name) {
  const auto* found = member(value, name);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  return found->get<long long>();
}

std::optional<double> number_member(const nlohmann::json& value, const char* name) {
  const auto* found = member(value, name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string to_text(const nlohmann::json& value) {
  return value.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace osprey::hub
