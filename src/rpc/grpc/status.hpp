// Errors of this program as statuses of gRPC.
#pragma once

#include <string_view>

#include <grpcpp/support/status.h>

#include "base/result.hpp"

namespace osprey::rpc {

/// The status code that tells a client the same.
[[nodiscard]] ::grpc::StatusCode status_code(Code code);

/// The status of an error; its message is cut where it is longer than what a header can hold.
[[nodiscard]] ::grpc::Status to_status(const Error& error);

/// Whether a client may send the same again after a moment.
[[nodiscard]] bool is_worth_retrying(Code code);

/// "OK", "INVALID_ARGUMENT", ...
[[nodiscard]] std::string_view to_string(::grpc::StatusCode code);

}  // namespace osprey::rpc
