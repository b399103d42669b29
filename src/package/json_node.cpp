#include "package/json_node.hpp"

#include <algorithm>
#include <cmath>

#include "base/json_depth.hpp"
#include "package/files.hpp"

namespace osprey::package {
namespace {

constexpr int kMaxDepth = 64;

// The value as text for a message, cut where it gets long.
std::string show(const nlohmann::json& value) {
  constexpr std::size_t kLimit = 60;
  if (value.is_structured() && value.size() > 8) return value.is_array() ? "an array" : "an object";
  if (value.is_object()) return "an object";
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (value.is_string()) text = "'" + text.substr(1, text.size() - 2) + "'";
  if (text.size() > kLimit) text = text.substr(0, kLimit) + "...";
  return text;
}

std::string trimmed_number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

void Problems::add(Code code, std::string message) {
  if (first_) return;
  constexpr std::size_t kLimit = 2000;  // a field's name comes from the file and may be megabytes
  if (message.size() > kLimit) {
    std::size_t end = kLimit;
    while ((static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;  // not inside a UTF-8 character
    message = message.substr(0, end) + "...";
  }
  first_ = Error{code, std::move(message)};
}

std::string JsonNode::where() const {
  return field_.empty() ? file_ : file_ + ": " + field_;
}

void JsonNode::reject(const std::string& expected) const {
  problems_->add(where() + (value_ == nullptr ? std::string(" is missing") : " is " + show(*value_)) + "; " + expected);
}

JsonNode JsonNode::operator[](const char* key) const {
  const std::string field = field_.empty() ? key : field_ + "." + key;
  if (!present()) return {nullptr, file_, field, *problems_};
  if (!value_->is_object()) {
    reject("an object is expected");
    return {nullptr, file_, field, *problems_};
  }
  const auto found = value_->find(key);
  return {found == value_->end() ? nullptr : &*found, file_, field, *problems_};
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  std::vector<std::pair<std::string, JsonNode>> members;
  if (!is_object()) {
    reject("an object is expected");
    return members;
  }
  members.reserve(value_->size());
  for (const auto& [key, value] : value_->items()) {
    members.emplace_back(key, JsonNode(&value, file_, field_.empty() ? key : field_ + "." + key, *problems_));
  }
  return members;
}

std::vector<JsonNode> JsonNode::items() const {
  std::vector<JsonNode> items;
  if (!is_array()) {
    reject("an array is expected");
    return items;
  }
  items.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) items.push_back(item(i));
  return items;
}

JsonNode JsonNode::item(std::size_t index) const {
  return {&(*value_)[index], file_, field_ + "[" + std::to_string(index) + "]", *problems_};
}

bool JsonNode::boolean() const {
  if (present() && value_->is_boolean()) return value_->get<bool>();
  reject("true or false is expected");
  return false;
}

std::string JsonNode::text() const {
  if (is_string()) return value_->get<std::string>();
  reject("a string is expected");
  return {};
}

int JsonNode::integer(int min, int max) const {
  if (present() && value_->is_number()) {
    const auto number = value_->get<double>();
    if (std::floor(number) == number && number >= min && number <= max) return static_cast<int>(number);
  }
  reject("a whole number from " + std::to_string(min) + " to " + std::to_string(max) + " is expected");
  return min;
}

float JsonNode::number(double min, double max) const {
  if (present() && value_->is_number()) {
    const auto number = value_->get<double>();
    if (number >= min && number <= max) return static_cast<float>(number);
  }
  reject("a number from " + trimmed_number(min) + " to " + trimmed_number(max) + " is expected");
  return static_cast<float>(min);
}

std::size_t JsonNode::choice(std::span<const std::string_view> allowed) const {
  if (is_string()) {
    const auto found = std::find(allowed.begin(), allowed.end(), value_->get_ref<const std::string&>());
    if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  }
  reject("allowed: " + join(allowed));
  return 0;
}

void JsonNode::allow_only(std::span<const std::string_view> known) const {
  if (!present()) return;
  for (const auto& [key, member] : members()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    problems_->add(member.where() + " is not a known field; known: " + join(known));
  }
}

Result<nlohmann::json> parse_json(std::string_view text, const std::string& where, Code code) {
  if (is_nested_deeper(text, kMaxDepth))
    return Error{code, where + " is nested more than " + std::to_string(kMaxDepth) + " levels deep"};
  nlohmann::json json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return Error{code, where + " is not valid JSON"};
  return json;
}

Result<std::optional<JsonFile>> JsonFile::read(const std::filesystem::path& folder, const std::string& name,
                                               Code code) {
  auto text = read_text(folder, name);
  if (!text) return std::move(text).error();
  if (!text->has_value()) return std::optional<JsonFile>{};
  auto json = parse_json(**text, name, code);
  if (!json) return std::move(json).error();
  if (!json->is_structured()) return Error{code, name + " is " + show(*json) + "; an object is expected"};
  auto document = std::make_unique<Document>(Document{name, std::move(*json), Problems(code)});
  return std::optional<JsonFile>(JsonFile(std::move(document)));
}

}  // namespace osprey::package
