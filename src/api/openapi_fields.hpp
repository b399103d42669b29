// The request side of the API description, made from the table of fields.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "api/inference_request.hpp"

namespace osprey::api {

/// The schema of that route's JSON body.
[[nodiscard]] nlohmann::ordered_json body_schema(Route route);

/// The query parameters that GET and POST of the v1 route share: all but `image`.
[[nodiscard]] nlohmann::ordered_json legacy_query_parameters();

/// A parameter of an operation. `where`: path, query or header.
[[nodiscard]] nlohmann::ordered_json parameter(std::string_view name, std::string_view where,
                                               nlohmann::ordered_json schema, std::string_view description);

}  // namespace osprey::api
