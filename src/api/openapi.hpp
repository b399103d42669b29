// The description of the HTTP API (OpenAPI 3.1), made from the same table of fields that requests are read by.
#pragma once

#include <string>
#include <string_view>

namespace osprey::api {

/// The document, as JSON. `example_model`: an id for the examples, best one that is there. `keys_required`: whether the
/// server answers only those who send one of its keys (all but what is public).
[[nodiscard]] std::string openapi_json(std::string_view version, std::string_view example_model,
                                       bool keys_required = false);

}  // namespace osprey::api
