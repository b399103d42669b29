// The one table of request fields: names in a body and in a v1 query, on which routes, and what each sets. Parsing and
// the API description both come from it.
#pragma once

#include <span>
#include <string_view>

#include "api/inference_request.hpp"
#include "api/scalar.hpp"

namespace osprey::api {

/// Routes as a set of bits.
using RouteSet = unsigned;
[[nodiscard]] constexpr RouteSet route_bit(Route route) {
  return 1U << static_cast<unsigned>(route);
}

/// What a field's value is, for the API description.
enum class FieldType {
  boolean,
  integer,
  number,
  text,
  text_list,
  confidence,
  mask_format,
  semantic_mask_format,
  mask_decode_mode,
  format
};

struct FieldRule {
  std::string_view body_name;   ///< empty: not in a body
  std::string_view query_name;  ///< on the v1 route; empty: not in a query
  RouteSet routes = 0;          ///< bodies of these routes
  FieldType type = FieldType::text;
  bool nullable = false;
  std::string_view default_json;  ///< as in the API description
  std::string_view description;
  /// Sets the request from a value that is not null, or adds problems. Null: the value is checked and otherwise
  /// ignored.
  void (*apply)(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) = nullptr;
};

/// All fields but model_id, image and id, which the body parser reads itself.
[[nodiscard]] std::span<const FieldRule> field_rules();

/// Applies the body field `name` of that route; unknown ones are ignored.
void apply_body_field(Route route, std::string_view name, const Scalar& value, InferenceRequest& request,
                      Problems& problems);

/// Applies a v1 query parameter; unknown ones are ignored.
void apply_query_field(std::string_view name, std::string_view value, InferenceRequest& request, Problems& problems);

/// Checks what the reference checks only when the model runs (mask_decode_mode, tradeoff_factor), and sets
/// decode.mask_decode_mode. Empty when all is well, else the message of a 400 answer.
[[nodiscard]] std::string_view check_mask_decoding(InferenceRequest& request);

}  // namespace osprey::api
