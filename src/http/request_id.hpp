// The identifier that ties a request to its answer and its log lines.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace osprey::http {

/// Whether `text` is a version-4 UUID (RFC 9562): 32 hex digits of either case, with the four dashes or with none.
[[nodiscard]] bool is_uuid4(std::string_view text);

/// The request's own X-Request-ID if it is a version-4 UUID, else a new one. Thread-safe.
[[nodiscard]] std::string request_id(const Headers& headers);

}  // namespace osprey::http
