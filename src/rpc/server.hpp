// The gRPC server as the rest of the program sees it: no header of gRPC is needed for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/result.hpp"
#include "rpc/backend.hpp"

namespace osprey::rpc {

/// Limits of what clients may send or hold. A breach ends the call with a status, or the connection.
struct Limits {
  std::size_t message_bytes = std::size_t{64} << 20;  ///< of one message, as sent and as read (RESOURCE_EXHAUSTED)
  /// Of all messages together that are held; one more byte is answered with UNAVAILABLE.
  std::size_t messages_bytes = std::size_t{1} << 30;
  std::size_t metadata_bytes = std::size_t{64} << 10;
  std::size_t calls = 1024;             ///< open at a time, streams too (UNAVAILABLE)
  std::size_t calls_per_address = 512;  ///< of one client address (UNAVAILABLE)
  std::chrono::milliseconds handshake_time{10'000};
  std::chrono::milliseconds message_time{60'000};  ///< from a call's begin to the end of its message
  std::chrono::milliseconds idle_time{75'000};     ///< a connection without a call, a stream without a message
};

/// Certificate and key of a server that speaks TLS (PEM files).
struct TlsFiles {
  std::filesystem::path certificate;  ///< the chain, its own first
  std::filesystem::path key;
  std::string key_password;  ///< empty: the key is not encrypted
};

struct ServerOptions {
  std::string host = "0.0.0.0";
  std::uint16_t port = 8001;  ///< 0: any free one
  Limits limits;
  bool bearer_keys = true;      ///< read keys from `authorization: Bearer`, not only from `api-key`
  std::optional<TlsFiles> tls;  ///< TLS 1.2 and 1.3 only; none: plain HTTP/2
};

/// A server that listens since it was made. Its destructor ends the calls that are open; what the backend was given to
/// do for them has to be over by then. Thread-safe.
class Server {
 public:
  virtual ~Server() = default;

  /// The port that is listened on.
  [[nodiscard]] virtual std::uint16_t port() const = 0;

  /// Calls now open.
  [[nodiscard]] virtual std::size_t calls() const = 0;

  /// Begins to stop: takes no new call, ends streams that wait for a message, lets calls that have begun be answered
  /// within `drain`. Returns at once; idempotent.
  virtual void stop(std::chrono::milliseconds drain) = 0;

  /// Waits until it has stopped; requires stop(). Returns the number of calls given up; 0 when all were answered.
  [[nodiscard]] virtual std::size_t wait() = 0;
};

/// Opens the library that holds gRPC and starts a server in it; a process that never calls this does not load gRPC.
/// `backend` outlives the server. Errors: unavailable (the library is not there or cannot be loaded; the port is in
/// use), permission_denied (a port below 1024), invalid_argument (an address, certificate or key that cannot be used).
[[nodiscard]] Result<std::unique_ptr<Server>> start_server(const ServerOptions& options, Backend& backend,
                                                           const Log& log);

}  // namespace osprey::rpc
