// GET from addresses that the operator has named (registries, their proxies): any host, the standard proxy variables.
// What a client of ours names goes through fetch() of fetcher.hpp instead.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/result.hpp"

namespace osprey::fetch {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string url;
  std::vector<HttpHeader> headers;  ///< kept from other origins when the answer redirects there
  std::uint64_t first_byte = 0;     ///< not 0: only the bytes from there on are asked for
  std::chrono::milliseconds connect_time{30'000};
  std::chrono::milliseconds time{0};        ///< for all of it; 0: no limit
  std::chrono::milliseconds stall_time{0};  ///< the longest in which fewer than `stall_bytes` come; 0: no limit
  std::uint64_t stall_bytes = 1;
  std::uint64_t max_bytes = 0;  ///< of the body
  bool verify_tls = true;
  int max_redirects = 5;
};

struct HttpHead {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; repeated ones joined by ", "
  std::optional<std::uint64_t> length;         ///< of this answer's body, where it is told
};

struct HttpResponse {
  HttpHead head;
  std::string body;
};

/// Where a body goes. An error that one of them returns ends the transfer and is returned from it.
struct HttpSink {
  std::function<Status(const HttpHead&)> on_head;              ///< once, when the last redirect is behind
  std::function<Status(std::span<const std::byte>)> on_bytes;  ///< only of an answer with a status of 2xx
};

/// Blocks; thread-safe. Any status of an answer is a success here. Errors never hold the URL: invalid_argument (no http
/// or https URL, or a redirect from https to http), unavailable (no connection, or TLS that cannot be trusted),
/// upstream_timeout (slower than allowed), upstream_failed (ended early, or no HTTP), payload_too_large, cancelled
/// (seen within a tenth of a second), internal.
[[nodiscard]] Result<HttpHead> http_get(const HttpRequest& request, const HttpSink& sink, const CancelToken& cancel);

/// The same, to memory.
[[nodiscard]] Result<HttpResponse> http_get(const HttpRequest& request, const CancelToken& cancel);

}  // namespace osprey::fetch
