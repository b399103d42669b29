// Requests and responses as handlers see them: plain values, no sockets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel_token.hpp"

namespace osprey::http {

/// Header fields in order; names compare case-insensitively.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// Makes room for `count` fields.
  void reserve(std::size_t count) { fields_.reserve(count); }
  /// The first value of `name`, if there is one. The view lives as long as this object is not changed.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// How many fields have this name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// One request, read in whole and within the limits.
struct Request {
  std::string method;                                      ///< upper-case
  std::string target;                                      ///< as sent: path and query
  std::string path;                                        ///< percent-decoded, without the query; no NUL in it
  std::vector<std::pair<std::string, std::string>> query;  ///< percent- and plus-decoded bytes, in order
  /// What the router's pattern took from the path: for "/{project}/{version}" the values of "project" and "version".
  std::vector<std::pair<std::string, std::string>> path_parameters;
  Headers headers;
  std::string body;
  std::string id;      ///< answered as X-Request-ID
  std::string peer;    ///< address of the client
  CancelToken cancel;  ///< set when the peer leaves before it is answered

  /// The last value of a query parameter: a repeated one is overridden, as in the reference.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;

  /// The value that the route's pattern found for `name`; empty when the pattern has no such parameter.
  [[nodiscard]] std::string_view path_parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";  ///< empty: no Content-Type field
  std::string body;
  /// Besides Content-Type, Content-Length and those that the server adds to every answer (X-Request-ID, Vary, Date,
  /// Connection, Access-Control-*). A field whose name is no token or whose value holds CR, LF or NUL is left out.
  Headers headers;
  bool close = false;  ///< close the connection after this answer
};

/// Answers one request, exactly once, from any thread. Move-only. Dropped without an answer, it answers 500, so that a
/// forgotten path is seen and no client waits for ever. Answering after the peer has left does nothing.
class Responder {
 public:
  using Send = std::function<void(Response)>;
  explicit Responder(Send send) : send_(std::move(send)) {}
  Responder(Responder&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();

  /// Requires that it was not called before and that this was not moved from.
  void operator()(Response response);

 private:
  Send send_;
};

/// Called on an I/O thread for each complete request; must not block.
using Handler = std::function<void(Request, Responder)>;

/// The body {"message": "..."}: how this room reports what it refuses.
[[nodiscard]] Response message_response(int status, std::string_view message);

}  // namespace osprey::http
