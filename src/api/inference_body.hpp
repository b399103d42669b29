// The JSON body of POST /infer/*, parsed in place and checked.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/inference_request.hpp"
#include "api/scalar.hpp"

namespace osprey::api {

/// How deep a body's values may be nested unless told otherwise; requests need three levels.
inline constexpr int kDefaultJsonDepth = 32;

/// What a body says, or what is wrong with it. Owns the text that the request's views point into.
class InferenceBody {
 public:
  /// Parses `body` as the body of that route. `is_json`: whether it was sent as JSON; a body of another type is a
  /// problem in itself, as in the reference. JSON nested deeper than `max_depth` is refused as malformed.
  InferenceBody(Route route, std::string body, bool is_json, int max_depth = kDefaultJsonDepth);
  ~InferenceBody();
  InferenceBody(InferenceBody&&) noexcept;

  /// Empty when the request is sound; else what a 422 answer's `detail` holds.
  [[nodiscard]] const Problems& problems() const { return problems_; }
  [[nodiscard]] const InferenceRequest& request() const { return request_; }
  [[nodiscard]] InferenceRequest& request() { return request_; }

 private:
  struct Text;
  std::unique_ptr<Text> text_;
  InferenceRequest request_;
  Problems problems_;
};

/// The body of /model/add and /model/remove.
struct ModelBody {
  std::string model_id;
  std::optional<std::string> api_key;
  Problems problems;
};
[[nodiscard]] ModelBody parse_model_body(std::string body, bool is_json, int max_depth = kDefaultJsonDepth);

/// Whether a Content-Type is application/json or application/*+json.
[[nodiscard]] bool is_json_content_type(std::string_view content_type);

}  // namespace osprey::api
