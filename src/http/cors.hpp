// Cross-origin requests (the Fetch standard's CORS protocol), as the reference answers them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace osprey::http {

/// Which origins may read the answers. Const functions are thread-safe.
class Cors {
 public:
  /// `allow_origins`: origins as browsers send them ("https://example.org"); "*" stands for all.
  explicit Cors(std::vector<std::string> allow_origins);

  /// Paths under /build answer without any CORS field.
  [[nodiscard]] static bool applies_to(std::string_view path) { return !path.starts_with("/build"); }

  [[nodiscard]] bool allows(std::string_view origin) const;

  /// Whether this is a browser's question before the request proper: OPTIONS with Origin and
  /// Access-Control-Request-Method.
  [[nodiscard]] static bool is_preflight(const Request& request);

  /// The complete answer to a preflight: 200 "OK", or 400 that names what is not allowed. append_fields() is not to be
  /// called for it. Requires is_preflight(request).
  [[nodiscard]] Response preflight(const Request& request) const;

  /// Appends the fields of an ordinary answer, as "Name: value\r\n" each. `origin`: the request's, if it has one.
  void append_fields(std::string& out, std::optional<std::string_view> origin) const;

 private:
  std::vector<std::string> allow_origins_;
  bool allow_all_ = false;
};

}  // namespace osprey::http
