#include <osprey/client/result.hpp>

namespace osprey::client {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return "invalid_argument";
    case ErrorKind::unreachable: return "unreachable";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::unauthorized: return "unauthorized";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::rejected: return "rejected";
    case ErrorKind::overloaded: return "overloaded";
    case ErrorKind::server_failed: return "server_failed";
    case ErrorKind::bad_answer: return "bad_answer";
    case ErrorKind::cancelled: return "cancelled";
  }
  return "unknown";
}

}  // namespace osprey::client
