// The body of POST /v2/models/{name}/infer: JSON, and behind it the tensors in binary form.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oip/messages.hpp"

namespace osprey::oip {

/// Tensors in a request, inputs or outputs.
inline constexpr std::size_t kMaxTensors = 64;

/// Owns what the inputs of its request view: keep it alive as long as them.
class InferBody {
 public:
  /// `header`: the Inference-Header-Content-Length, how many bytes of the body are its JSON; none: all.
  InferBody(std::string body, std::optional<std::string_view> header, int max_depth);
  ~InferBody();
  InferBody(const InferBody&) = delete;
  InferBody& operator=(const InferBody&) = delete;

  /// What is wrong with it: invalid_argument.
  [[nodiscard]] const Status& status() const { return status_; }
  /// Id, parameters, inputs and outputs, when status() is good; each input's data fits its shape. Moves them out.
  [[nodiscard]] InferRequest take_request() { return std::move(request_); }

 private:
  class Parser;
  std::string body_;
  std::unique_ptr<Parser> parser_;
  InferRequest request_;
  Status status_;
};

/// Whether an output is to be answered in binary form: by its own parameter binary_data, else by the request's
/// binary_data_output.
[[nodiscard]] bool wants_binary(const InferRequest& request, std::string_view output);

/// The body of POST /v2/repository/*: parameters of a load, or what an index is to tell.
struct RepositoryBody {
  bool ready = false;
  Parameters parameters;
};
/// An empty body says nothing. Errors: invalid_argument.
[[nodiscard]] Result<RepositoryBody> parse_repository_body(std::string body, int max_depth);

}  // namespace osprey::oip
