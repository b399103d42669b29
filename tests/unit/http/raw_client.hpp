// A client that sends exactly the bytes it is told, and reads answers with a parser of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace osprey::http {

struct Reply {
  int status = 0;
  std::string version;  ///< "HTTP/1.1"
  Headers headers;
  std::string body;

  /// The first value of a field; empty when there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// How a connection ended, as seen by the client.
enum class Ending { closed, reset, still_open };

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds(10));
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient();

  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  /// Sends all of it. False when the peer no longer takes it.
  bool send(std::string_view bytes);
  void finish_sending();
  /// Closes with a reset.
  void abort();

  /// The next answer; nothing when the connection ends or patience does before it is whole. Interim answers (100) are
  /// answers of their own. `to_head`: it has no body whatever its Content-Length says.
  std::optional<Reply> read(bool to_head = false);

  /// Waits for the end of the connection, at most `patience`. Bytes that come before are kept in unread().
  Ending ending(std::chrono::milliseconds patience = std::chrono::seconds(10));
  [[nodiscard]] const std::string& unread() const { return received_; }

  /// send() and read().
  std::optional<Reply> ask(std::string_view request);

 private:
  /// Receives some bytes. False at the end, which goes to ending_.
  bool receive(std::chrono::milliseconds patience);

  int socket_ = -1;
  std::chrono::milliseconds patience_;
  std::string received_;
  Ending ending_ = Ending::still_open;
};

/// "GET path HTTP/1.1" with Host and the given fields ("Name: value\r\n" each).
[[nodiscard]] std::string get(std::string_view path, std::string_view fields = {});
/// "POST path HTTP/1.1" with Host, Content-Length and the given fields.
[[nodiscard]] std::string post(std::string_view path, std::string_view body, std::string_view fields = {});

}  // namespace osprey::http
