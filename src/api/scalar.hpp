// Values as clients send them, in JSON or in a query, and what they may stand for: the reference's framework turns
// "0.5" into 0.5 and "yes" into true, and says in a fixed form what it cannot turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace osprey::api {

/// A value of a field. Views live as long as the request's text.
struct Scalar {
  enum class Kind { null, boolean, integer, number, text, list, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string_view text;      ///< unescaped, for text
  std::string_view raw;       ///< as it stands in the JSON; empty for a query's value
  std::vector<Scalar> items;  ///< of a list

  [[nodiscard]] static Scalar of_text(std::string_view value) {
    Scalar scalar;
    scalar.kind = Kind::text;
    scalar.text = value;
    return scalar;
  }
};

/// One step of the path to a field: a name or an index.
using LocationItem = std::variant<std::string, std::int64_t>;
using Location = std::vector<LocationItem>;

/// What is wrong with one field: an item of a 422 answer's `detail`.
struct Problem {
  std::string type;
  Location location;
  std::string message;
  std::string input_json = "null";
  std::string context_json;  ///< empty: no `ctx`
};

using Problems = std::vector<Problem>;

/// The problem of `value` at `location`, with the value echoed as `input` (cut when long).
[[nodiscard]] Problem make_problem(std::string type, Location location, std::string message, const Scalar& value);

// Each turns a value into its type, or adds a problem and returns nothing.
[[nodiscard]] std::optional<bool> to_boolean(const Scalar& value, const Location& location, Problems& problems);
[[nodiscard]] std::optional<std::int64_t> to_integer(const Scalar& value, const Location& location, Problems& problems);
[[nodiscard]] std::optional<double> to_number(const Scalar& value, const Location& location, Problems& problems);
[[nodiscard]] std::optional<std::string> to_text(const Scalar& value, const Location& location, Problems& problems);
[[nodiscard]] std::optional<std::vector<std::string>> to_text_list(const Scalar& value, const Location& location,
                                                                   Problems& problems);

/// The index of the text in `choices`, or a literal_error that lists them.
[[nodiscard]] std::optional<std::size_t> to_choice(const Scalar& value, const std::vector<std::string_view>& choices,
                                                   const Location& location, Problems& problems);

/// `location` with one more step.
[[nodiscard]] Location below(const Location& location, LocationItem step);

}  // namespace osprey::api
