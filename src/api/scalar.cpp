#include "api/scalar.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "api/json_writer.hpp"

namespace osprey::api {
namespace {

// Longer inputs are not echoed whole: an answer must not grow with what a client sends.
constexpr std::size_t kMaxEcho = 512;

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

/// Without the sign that from_chars does not take.
std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

std::optional<double> parsed_number(std::string_view text) {
  text = without_plus(trimmed(text));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// An integer with or without a point and zeros behind it. One beyond 64 bits becomes the outermost that they hold: no
/// field tells such numbers apart.
std::optional<std::int64_t> parsed_integer(std::string_view text) {
  text = without_plus(trimmed(text));
  if (const auto point = text.find('.'); point != std::string_view::npos && point > 0) {
    if (text.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
    text = text.substr(0, point);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  using Limits = std::numeric_limits<std::int64_t>;
  if (error == std::errc::result_out_of_range) return text.starts_with('-') ? Limits::min() : Limits::max();
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

template <typename Value>
std::optional<Value> refuse(const char* type, const char* message, const Scalar& value, const Location& location,
                            Problems& problems) {
  problems.push_back(make_problem(type, location, message, value));
  return std::nullopt;
}

std::string quoted_list(const std::vector<std::string_view>& choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += "'" + std::string(choices[i]) + "'";
  }
  return text;
}

}  // namespace

Problem make_problem(std::string type, Location location, std::string message, const Scalar& value) {
  Problem problem{std::move(type), std::move(location), std::move(message), {}, {}};
  JsonWriter json;
  if (!value.raw.empty() && value.raw.size() <= kMaxEcho) {
    json.raw(value.raw);
  } else if (value.kind == Scalar::Kind::text) {
    json.string(value.text.size() <= kMaxEcho ? std::string(value.text)
                                              : std::string(value.text.substr(0, kMaxEcho)) + "...");
  } else if (!value.raw.empty()) {
    json.string(std::string(value.raw.substr(0, kMaxEcho)) + "...");
  } else {
    json.null();
  }
  problem.input_json = std::move(json).take();
  return problem;
}

std::optional<bool> to_boolean(const Scalar& value, const Location& location, Problems& problems) {
  constexpr const char* kParsing = "Input should be a valid boolean, unable to interpret input";
  switch (value.kind) {
    case Scalar::Kind::boolean: return value.boolean;
    case Scalar::Kind::integer:
      if (value.integer == 0 || value.integer == 1) return value.integer == 1;
      return refuse<bool>("bool_parsing", kParsing, value, location, problems);
    case Scalar::Kind::number:
      if (value.number == 0.0 || value.number == 1.0) return value.number == 1.0;
      return refuse<bool>("bool_parsing", kParsing, value, location, problems);
    case Scalar::Kind::text: {
      std::string lower(value.text);
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      for (const char* yes : {"true", "1", "yes", "on", "t", "y"}) {
        if (lower == yes) return true;
      }
      for (const char* no : {"false", "0", "no", "off", "f", "n"}) {
        if (lower == no) return false;
      }
      return refuse<bool>("bool_parsing", kParsing, value, location, problems);
    }
    case Scalar::Kind::null:
    case Scalar::Kind::list:
    case Scalar::Kind::object: break;
  }
  return refuse<bool>("bool_type", "Input should be a valid boolean", value, location, problems);
}

std::optional<std::int64_t> to_integer(const Scalar& value, const Location& location, Problems& problems) {
  switch (value.kind) {
    case Scalar::Kind::boolean: return value.boolean ? 1 : 0;
    case Scalar::Kind::integer: return value.integer;
    case Scalar::Kind::number:
      // Within what 64 bits hold: no field tells larger ones apart.
      if (value.number == std::trunc(value.number)) {
        return static_cast<std::int64_t>(std::clamp(value.number, -9.2e18, 9.2e18));
      }
      return refuse<std::int64_t>("int_from_float",
                                  "Input should be a valid integer, got a number with a fractional part", value,
                                  location, problems);
    case Scalar::Kind::text:
      if (const auto integer = parsed_integer(value.text)) return integer;
      return refuse<std::int64_t>("int_parsing",
                                  "Input should be a valid integer, unable to parse string as an integer", value,
                                  location, problems);
    case Scalar::Kind::null:
    case Scalar::Kind::list:
    case Scalar::Kind::object: break;
  }
  return refuse<std::int64_t>("int_type", "Input should be a valid integer", value, location, problems);
}

std::optional<double> to_number(const Scalar& value, const Location& location, Problems& problems) {
  switch (value.kind) {
    case Scalar::Kind::boolean: return value.boolean ? 1.0 : 0.0;
    case Scalar::Kind::integer: return static_cast<double>(value.integer);
    case Scalar::Kind::number: return value.number;
    case Scalar::Kind::text: {
      const auto number = parsed_number(value.text);
      if (!number) {
        return refuse<double>("float_parsing", "Input should be a valid number, unable to parse string as a number",
                              value, location, problems);
      }
      if (!std::isfinite(*number))
        return refuse<double>("finite_number", "Input should be a finite number", value, location, problems);
      return number;
    }
    case Scalar::Kind::null:
    case Scalar::Kind::list:
    case Scalar::Kind::object: break;
  }
  return refuse<double>("float_type", "Input should be a valid number", value, location, problems);
}

std::optional<std::string> to_text(const Scalar& value, const Location& location, Problems& problems) {
  if (value.kind == Scalar::Kind::text) return std::string(value.text);
  return refuse<std::string>("string_type", "Input should be a valid string", value, location, problems);
}

std::optional<std::vector<std::string>> to_text_list(const Scalar& value, const Location& location,
                                                     Problems& problems) {
  if (value.kind != Scalar::Kind::list) {
    return refuse<std::vector<std::string>>("list_type", "Input should be a valid list", value, location, problems);
  }
  std::vector<std::string> texts;
  bool complete = true;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto text = to_text(value.items[i], below(location, static_cast<std::int64_t>(i)), problems);
    complete = complete && text.has_value();
    if (text) texts.push_back(std::move(*text));
  }
  if (!complete) return std::nullopt;
  return texts;
}

std::optional<std::size_t> to_choice(const Scalar& value, const std::vector<std::string_view>& choices,
                                     const Location& location, Problems& problems) {
  if (value.kind == Scalar::Kind::text) {
    const auto found = std::find(choices.begin(), choices.end(), value.text);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  }
  const std::string expected = quoted_list(choices);
  auto problem = make_problem("literal_error", location, "Input should be " + expected, value);
  JsonWriter context;
  context.begin_object().key("expected").string(expected).end_object();
  problem.context_json = std::move(context).take();
  problems.push_back(std::move(problem));
  return std::nullopt;
}

Location below(const Location& location, LocationItem step) {
  Location deeper = location;
  deeper.push_back(std::move(step));
  return deeper;
}

}  // namespace osprey::api
