// The HTTP/1.1 server: sockets, limits, keep-alive, draining. Knows nothing of models.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace osprey::http {

/// Limits of what peers may send or hold. A breach is answered (431, 413, 408, 503) or the connection is closed; the
/// request never reaches the handler.
struct Limits {
  std::size_t header_bytes = std::size_t{64} << 10;
  std::size_t header_fields = 100;
  std::size_t body_bytes = std::size_t{64} << 20;
  /// Of all requests together that are being read or answered; one more byte is answered with 503.
  std::size_t bodies_bytes = std::size_t{1} << 30;
  std::size_t connections = 1024;
  std::size_t connections_per_address = 512;
  std::chrono::milliseconds header_time{10'000};  ///< from the first byte of a request to the end of its header
  std::chrono::milliseconds body_time{60'000};    ///< to send the body
  std::chrono::milliseconds write_time{60'000};   ///< to take the answer
  std::chrono::milliseconds idle_time{75'000};    ///< keep-alive without a request
  std::chrono::milliseconds drain_time{30'000};   ///< from stop() to giving up on requests in flight
};

/// Certificate and key of a server that speaks TLS (PEM files).
struct TlsOptions {
  std::filesystem::path certificate;  ///< the chain, its own first
  std::filesystem::path key;
  std::string key_password;  ///< empty: the key is not encrypted
};

struct ServerOptions {
  std::string host = "0.0.0.0";
  std::uint16_t port = 9001;  ///< 0: any free one
  int io_threads = 1;
  Limits limits;
  std::vector<std::string> allow_origins{"*"};  ///< CORS; "*": every origin
  std::optional<TlsOptions> tls;                ///< TLS 1.2 and 1.3 only; none: plain HTTP
};

/// Listens, reads requests within the limits, hands them to the handler, sends the answers. What this room answers by
/// itself (a refusal, a CORS preflight) never reaches the handler. With several io_threads the handler is called from
/// several threads at once; the requests of one connection come one after the other, each after the answer to the last.
class Server {
 public:
  /// Binds and listens, but accepts nothing before run(). Errors: unavailable ("port 9001 is in use ..."),
  /// permission_denied (a port below 1024), invalid_argument (neither an address of this machine nor a name of one; a
  /// certificate or key that cannot be used).
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(ServerOptions options, Handler handler, Log log);
  virtual ~Server() = default;

  /// The port that is listened on. Thread-safe.
  [[nodiscard]] virtual std::uint16_t port() const = 0;

  /// To be called once. Serves until stop() was called and every accepted request was answered (or drain_time has
  /// passed). Returns the number of requests given up; 0 when all were answered.
  [[nodiscard]] virtual std::size_t run() = 0;

  /// Stops accepting, closes idle connections, lets the others finish the request that they have begun, then run()
  /// returns. Thread-safe, idempotent; not for use in a signal handler. The object has to outlive the call.
  virtual void stop() = 0;

  /// Connections now open, without those that are refused for being over the limit. Thread-safe.
  [[nodiscard]] virtual std::size_t connections() const = 0;
};

}  // namespace osprey::http
