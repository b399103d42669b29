// Inference as messages of the wire: to what the core takes, and from what it answers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/support/byte_buffer.h>
#include <open_inference.pb.h>

#include "base/result.hpp"
#include "oip/messages.hpp"
#include "rpc/grpc/byte_budget.hpp"

namespace osprey::rpc {

/// A request as it was read; what the core's request points to.
struct InferMessage {
  inference::ModelInferRequest message;
  std::vector<std::string> converted;  ///< raw form of tensors that came as elements
  ByteBudget::Share share;             ///< of what this holds
};

/// The core's request: model, id, parameters, inputs, outputs and keep_alive; the rest is its maker's. Views point into
/// the message. Errors: invalid_argument, for raw_input_contents that are not one for each input, contents beside them
/// or of another type, an unknown datatype, a parameter that is none. Shapes and sizes are not checked here.
[[nodiscard]] Result<oip::InferRequest> to_request(std::shared_ptr<InferMessage> message);

/// A ModelInferResponse. The outputs' data is moved to the wire, not copied. Requires less than 4 GiB.
[[nodiscard]] ::grpc::ByteBuffer to_response(oip::InferAnswer answer);

/// A ModelStreamInferResponse with that answer.
[[nodiscard]] ::grpc::ByteBuffer to_stream_response(oip::InferAnswer answer);

/// A ModelStreamInferResponse for a request that failed; `id`: the request's.
[[nodiscard]] ::grpc::ByteBuffer to_stream_response(const Error& error, std::string_view id);

}  // namespace osprey::rpc
