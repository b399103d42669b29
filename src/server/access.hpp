// Keys: which one a request carries, and whether it opens this server.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace osprey::server {

/// Immutable; thread-safe.
class Access {
 public:
  Access() = default;
  /// `server_keys`: when not empty, a request needs one of them. Kept as digests, so that comparing takes as long for
  /// every key. `from_headers`: read `Authorization: Bearer`, too.
  Access(std::span<const std::string> server_keys, bool from_headers);

  /// Whether requests need a key.
  [[nodiscard]] bool closed() const { return !digests_.empty(); }

  /// Whether a path is served without a key even so: health, metrics, what the server is, and its docs.
  [[nodiscard]] static bool is_public(std::string_view path);

  /// Whether the request may come in: the server is open, or one of its keys (query, header, `body_key`) is known.
  [[nodiscard]] bool allows(const http::Request& request, std::optional<std::string_view> body_key) const;

  /// The key that a model's registry is asked with (http-api section 2 of the reference): of the query where the route
  /// reads it there, else of the header, else of the body; empty when there is none. A key of this server is not given
  /// away: it counts as none.
  [[nodiscard]] std::string registry_key(const http::Request& request, bool query_counts,
                                         std::optional<std::string_view> body_key) const;

  /// The same of a client that speaks no HTTP and sends `key` (empty: none): the key for models' registries. Errors:
  /// unauthenticated.
  [[nodiscard]] Result<std::string> authorize(std::string_view key) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  [[nodiscard]] static Digest digest(std::string_view key);
  [[nodiscard]] bool is_server_key(std::string_view key) const;
  [[nodiscard]] std::optional<std::string_view> bearer(const http::Request& request) const;

  std::vector<Digest> digests_;
  bool from_headers_ = true;
};

/// 401, as the reference's servers with keys answer.
[[nodiscard]] http::Response unauthorized_response();

}  // namespace osprey::server
