// The v1 route: /{project}/{version} with query parameters and an image as the body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/inference_request.hpp"
#include "api/scalar.hpp"
#include "base/result.hpp"

namespace osprey::api {

/// What a v1 request says, or what is wrong with it.
struct LegacyRequest {
  InferenceRequest request;    ///< views point into the body and the query that were given
  Problems problems;           ///< a 422 answer's `detail`
  std::optional<Error> error;  ///< else, a 400 answer's message
};

/// Reads a v1 request: the query by the field table (the last of a repeated parameter counts), the image from `image=`,
/// a form's part `file`, or the raw body of type `image_type` (http-api 5.2 of the reference).
[[nodiscard]] LegacyRequest parse_legacy_request(const std::vector<std::pair<std::string, std::string>>& query,
                                                 std::optional<std::string_view> content_type, std::string_view body);

}  // namespace osprey::api
