#include "base/result.hpp"

namespace osprey {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid_argument: return "invalid_argument";
    case Code::unauthenticated: return "unauthenticated";
    case Code::payment_required: return "payment_required";
    case Code::permission_denied: return "permission_denied";
    case Code::not_found: return "not_found";
    case Code::unsupported: return "unsupported";
    case Code::payload_too_large: return "payload_too_large";
    case Code::locked: return "locked";
    case Code::overloaded: return "overloaded";
    case Code::deadline_exceeded: return "deadline_exceeded";
    case Code::cancelled: return "cancelled";
    case Code::unavailable: return "unavailable";
    case Code::upstream_failed: return "upstream_failed";
    case Code::upstream_timeout: return "upstream_timeout";
    case Code::data_corrupted: return "data_corrupted";
    case Code::internal: return "internal";
  }
  return "internal";
}

Error Error::with_context(std::string_view context) const& {
  return Error{code, std::string(context) + ": " + message};
}

Error Error::with_context(std::string_view context) && {
  message.insert(0, ": ").insert(0, context);
  return std::move(*this);
}

}  // namespace osprey
