// The header of an answer, as text.
#pragma once

#include <string>
#include <string_view>

#include "http/cors.hpp"
#include "http/message.hpp"

namespace osprey::http {

/// What an answer's header depends on besides the Response: kept of the request once that was handed on.
struct ReplyContext {
  enum class CorsFields { none, ordinary, in_response };
  std::string request_id;
  std::string origin;
  bool has_origin = false;
  bool http10 = false;
  bool head_only = false;  ///< the request was HEAD: the header of the answer to GET, without the body
  bool keep_alive = true;
  CorsFields cors = CorsFields::ordinary;
};

/// Whether an answer of this status has a body at all (RFC 9110 section 6.4.1).
[[nodiscard]] constexpr bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

/// Appends status line, fields and the empty line. `date`: a field value in the form of RFC 9110 section 5.6.7.
/// Requires a status of 200 to 999.
void append_head(std::string& out, const Response& response, const ReplyContext& context, const Cors& cors,
                 std::string_view date);

}  // namespace osprey::http
