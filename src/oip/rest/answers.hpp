// Answers of the Open Inference Protocol as JSON, and tensors in binary form behind it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oip/messages.hpp"

namespace osprey::oip {

/// {"error": ...}
[[nodiscard]] std::string error_json(std::string_view message);
/// {"name": ..., "version": ..., "extensions": [...]}
[[nodiscard]] std::string server_json(const ServerMetadata& server);
/// {"name", "versions", "platform", "inputs", "outputs"}
[[nodiscard]] std::string model_json(const ModelMetadata& model);
/// The configuration as Triton's clients read it: {"name", "platform", "backend", "max_batch_size", "input", "output"}.
[[nodiscard]] std::string config_json(const ModelMetadata& model);
/// [{"name", "version", "state", "reason"}, ...]
[[nodiscard]] std::string index_json(std::span<const IndexEntry> index);

/// The body of an inference's answer.
struct InferAnswerBody {
  std::string bytes;
  std::optional<std::size_t> json_size;  ///< when tensors in binary form follow; else it is all JSON
};
/// Outputs are in the form that the request asks for (wants_binary). Errors: those of write_tensor_data.
[[nodiscard]] Result<InferAnswerBody> infer_answer_body(const InferAnswer& answer, const InferRequest& request);

}  // namespace osprey::oip
