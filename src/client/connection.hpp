// One connection to the server, kept between calls. Private to the room.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include <curl/curl.h>

#include <osprey/client/options.hpp>
#include <osprey/client/result.hpp>

namespace osprey::client {

using TimePoint = std::chrono::steady_clock::time_point;

/// What is asked. Everything is viewed.
struct HttpCall {
  std::string_view method;  ///< "GET" or "POST"
  std::string_view target;  ///< path and query, as they are sent
  std::string_view body;    ///< JSON; only of a POST
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// What one attempt failed with.
struct AttemptError {
  Error error;
  bool retryable = false;  ///< no connection, or one that broke
};

/// libcurl's handles, freed with this.
class Connection {
 public:
  /// Null when there is no memory. `options` must outlive it. Thread-safe.
  [[nodiscard]] static std::unique_ptr<Connection> create(const Options& options);

  /// One attempt: an answer of any status but a redirect, or what went wrong. Ends at `end` (timeout), or as soon as
  /// `stop` is requested (cancelled). Not thread-safe.
  [[nodiscard]] std::variant<HttpAnswer, AttemptError> perform(const HttpCall& call, TimePoint end,
                                                               const std::stop_token& stop);

 private:
  struct EasyDeleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct MultiDeleter {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };
  struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  struct Received;

  explicit Connection(const Options& options) : options_(options) {}
  [[nodiscard]] bool set_up();
  [[nodiscard]] std::optional<AttemptError> transfer(const Received& received, TimePoint end,
                                                     const std::stop_token& stop);

  const Options& options_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;  // before the transfer's handle, which leaves it first
  std::unique_ptr<curl_slist, ListDeleter> get_headers_;
  std::unique_ptr<curl_slist, ListDeleter> post_headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_;
};

/// Whether a URL can be a server's: http or https with a host, and without what would change paths put behind it.
[[nodiscard]] std::optional<Error> check_url(const std::string& url);

}  // namespace osprey::client
