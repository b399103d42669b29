#include "http/cors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace osprey::http {
namespace {

constexpr std::string_view kExposeHeaders =
    "X-Processing-Time, X-Remote-Processing-Time, X-Remote-Processing-Times, X-Model-Cold-Start, "
    "X-Model-Cold-Start-Count, X-Model-Load-Time, X-Model-Load-Details, X-Model-Id, X-Workflow-Id, X-Workspace-Id, "
    "X-Trace-Id, execution_id, traceparent, tracestate";
constexpr std::string_view kAllowMethods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
constexpr std::array<std::string_view, 7> kMethods{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};
constexpr std::string_view kMaxAgeSeconds = "600";

}  // namespace

Cors::Cors(std::vector<std::string> allow_origins)
    : allow_origins_(std::move(allow_origins)),
      allow_all_(std::find(allow_origins_.begin(), allow_origins_.end(), "*") != allow_origins_.end()) {}

bool Cors::allows(std::string_view origin) const {
  return allow_all_ || std::find(allow_origins_.begin(), allow_origins_.end(), origin) != allow_origins_.end();
}

bool Cors::is_preflight(const Request& request) {
  return request.method == "OPTIONS" && request.headers.find("Origin") &&
         request.headers.find("Access-Control-Request-Method");
}

Response Cors::preflight(const Request& request) const {
  const auto origin = request.headers.find("Origin").value_or("");
  const auto method = request.headers.find("Access-Control-Request-Method").value_or("");
  const bool origin_allowed = allows(origin);
  const bool method_allowed = std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();

  Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.add("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  if (origin_allowed) response.headers.add("Access-Control-Allow-Origin", std::string(origin));
  response.headers.add("Access-Control-Allow-Methods", std::string(kAllowMethods));
  response.headers.add("Access-Control-Max-Age", std::string(kMaxAgeSeconds));
  response.headers.add("Access-Control-Allow-Credentials", "true");
  if (const auto requested = request.headers.find("Access-Control-Request-Headers")) {
    response.headers.add("Access-Control-Allow-Headers", std::string(*requested));
  }
  if (origin_allowed && method_allowed) {
    response.body = "OK";
  } else {
    response.status = 400;
    response.body = "Disallowed CORS ";
    response.body += origin_allowed ? "method" : method_allowed ? "origin" : "origin, method";
  }
  return response;
}

void Cors::append_fields(std::string& out, std::optional<std::string_view> origin) const {
  out += "Vary: Origin\r\n";
  if (!origin || !allows(*origin)) return;
  // Not "*": a browser refuses that together with credentials.
  out += "Access-Control-Allow-Origin: ";
  out += *origin;
  out += "\r\nAccess-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: ";
  out += kExposeHeaders;
  out += "\r\n";
}

}  // namespace osprey::http
