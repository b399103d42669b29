#include "rpc/grpc/status.hpp"

#include <string>

namespace osprey::rpc {
namespace {

// Messages may quote what a client sent. Clients take 8 KiB of headers, in which a byte may become three.
constexpr std::size_t kMaxMessage = 1024;

}  // namespace

::grpc::StatusCode status_code(Code code) {
  switch (code) {
    case Code::invalid_argument: return ::grpc::StatusCode::INVALID_ARGUMENT;
    case Code::unauthenticated: return ::grpc::StatusCode::UNAUTHENTICATED;
    case Code::payment_required: return ::grpc::StatusCode::FAILED_PRECONDITION;
    case Code::permission_denied: return ::grpc::StatusCode::PERMISSION_DENIED;
    case Code::not_found: return ::grpc::StatusCode::NOT_FOUND;
    case Code::unsupported: return ::grpc::StatusCode::UNIMPLEMENTED;
    // As gRPC itself says of a message that is too large.
    case Code::payload_too_large: return ::grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Code::locked: return ::grpc::StatusCode::FAILED_PRECONDITION;
    case Code::overloaded: return ::grpc::StatusCode::UNAVAILABLE;
    case Code::deadline_exceeded: return ::grpc::StatusCode::DEADLINE_EXCEEDED;
    case Code::cancelled: return ::grpc::StatusCode::CANCELLED;
    case Code::unavailable: return ::grpc::StatusCode::UNAVAILABLE;
    case Code::upstream_failed: return ::grpc::StatusCode::UNAVAILABLE;
    // Not the client's deadline, which is what DEADLINE_EXCEEDED would say.
    case Code::upstream_timeout: return ::grpc::StatusCode::UNAVAILABLE;
    case Code::data_corrupted: return ::grpc::StatusCode::DATA_LOSS;
    case Code::internal: return ::grpc::StatusCode::INTERNAL;
  }
  return ::grpc::StatusCode::INTERNAL;
}

::grpc::Status to_status(const Error& error) {
  std::string message = error.message;
  if (message.size() > kMaxMessage) {
    std::size_t end = kMaxMessage;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;  // not within a character
    message.resize(end);
    message += "...";
  }
  return {status_code(error.code), message};
}

bool is_worth_retrying(Code code) {
  return code == Code::overloaded || code == Code::unavailable;
}

std::string_view to_string(::grpc::StatusCode code) {
  switch (code) {
    case ::grpc::StatusCode::OK: return "OK";
    case ::grpc::StatusCode::CANCELLED: return "CANCELLED";
    case ::grpc::StatusCode::UNKNOWN: return "UNKNOWN";
    case ::grpc::StatusCode::INVALID_ARGUMENT: return "INVALID_ARGUMENT";
    case ::grpc::StatusCode::DEADLINE_EXCEEDED: return "DEADLINE_EXCEEDED";
    case ::grpc::StatusCode::NOT_FOUND: return "NOT_FOUND";
    case ::grpc::StatusCode::ALREADY_EXISTS: return "ALREADY_EXISTS";
    case ::grpc::StatusCode::PERMISSION_DENIED: return "PERMISSION_DENIED";
    case ::grpc::StatusCode::RESOURCE_EXHAUSTED: return "RESOURCE_EXHAUSTED";
    case ::grpc::StatusCode::FAILED_PRECONDITION: return "FAILED_PRECONDITION";
    case ::grpc::StatusCode::ABORTED: return "ABORTED";
    case ::grpc::StatusCode::OUT_OF_RANGE: return "OUT_OF_RANGE";
    case ::grpc::StatusCode::UNIMPLEMENTED: return "UNIMPLEMENTED";
    case ::grpc::StatusCode::INTERNAL: return "INTERNAL";
    case ::grpc::StatusCode::UNAVAILABLE: return "UNAVAILABLE";
    case ::grpc::StatusCode::DATA_LOSS: return "DATA_LOSS";
    case ::grpc::StatusCode::UNAUTHENTICATED: return "UNAUTHENTICATED";
    case ::grpc::StatusCode::DO_NOT_USE: break;
  }
  return "UNKNOWN";
}

}  // namespace osprey::rpc
