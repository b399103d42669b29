// One accepted connection: reads requests within the limits, hands them on, writes the answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/deadline.hpp"
#include "http/exchange.hpp"
#include "http/io_thread.hpp"
#include "http/message.hpp"
#include "http/request_reader.hpp"
#include "http/response_head.hpp"

namespace osprey::http {

template <typename T>
using Awaitable = boost::asio::awaitable<T, Executor>;

/// Everything of it happens on the thread of its IoThread. The coroutine that runs serve() or refuse() keeps it alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `socket`: one of `io`'s context, connected.
  Connection(IoThread& io, Socket socket);

  /// Answers requests, one after the other, until either side closes or something fails.
  [[nodiscard]] static Awaitable<void> serve(std::shared_ptr<Connection> self);

  /// Answers 503 without reading, and closes: for a connection over the limit.
  [[nodiscard]] static Awaitable<void> refuse(std::shared_ptr<Connection> self);

  /// The client's address.
  [[nodiscard]] const std::string& peer() const { return peer_; }

  /// Closes if no request was begun; else after its answer.
  void begin_drain();

  /// Closes at once. Returns whether a request was left without its answer.
  bool give_up();

 private:
  using Outgoing = boost::beast::buffers_suffix<std::array<boost::asio::const_buffer, 2>>;
  enum class State { idle, reading, handling, writing, closing };

  [[nodiscard]] Awaitable<void> serve_requests();
  /// Over TLS. False: the peer does not speak it, or too slowly.
  [[nodiscard]] Awaitable<bool> shake_hands();
  /// Counts the bytes that the body holds now; refuses the request when all bodies together are over the limit.
  void count_body();
  void release_body();
  /// Fills reader_. False: there is nothing to answer, close.
  [[nodiscard]] Awaitable<bool> read_request();
  /// Receives what has come already, without waiting.
  [[nodiscard]] bool receive_now();
  void begin_reply();
  /// Calls the handler, which may have answered when this returns.
  void hand_on(const std::shared_ptr<Exchange>& exchange);
  /// Waits for the handler's answer and watches whether the peer leaves meanwhile. Nothing when the server gave up.
  [[nodiscard]] Awaitable<std::optional<Response>> wait_for_answer(std::shared_ptr<Exchange> exchange);
  void signal_event();
  /// Receives while the handler works, to see the peer leave; keeps what comes for the next request.
  void watch_peer();
  void end_of_watch(bool peer_left, bool go_on);
  /// Puts the header into head_, and leaves in `response` the body that is to be sent.
  void begin_answer(Response& response);
  /// Sends what the kernel takes without waiting: nearly always all, so that an answer needs neither a timer nor
  /// another turn of the loop. False: the connection is of no more use.
  [[nodiscard]] bool send_now(Outgoing& bytes);
  [[nodiscard]] Awaitable<bool> send_rest(Outgoing bytes);
  /// Tells the peer that no more is coming, and reads on for a while: bytes that are not read would make the kernel
  /// send a reset, which can overtake the answer.
  [[nodiscard]] Awaitable<void> linger();
  void finish();

  IoThread& io_;
  Site& site_;
  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;  ///< none: plain HTTP
  Deadline deadline_;
  Timer event_;  ///< far away while wait_for_answer() waits, in the past once what it waits for is there
  std::string peer_;
  boost::beast::flat_buffer buffer_;  ///< received, not yet part of a request
  std::optional<RequestReader> reader_;
  ReplyContext reply_;
  CancelToken cancel_;
  std::string head_;              ///< of the answer being written; kept for its memory
  std::size_t body_counted_ = 0;  ///< of site_.bodies
  std::chrono::steady_clock::time_point linger_end_;
  State state_ = State::idle;
  bool watching_ = false;      ///< watch_peer() has the socket
  bool watch_ending_ = false;  ///< its end is what event_ is for
  bool given_up_ = false;
};

}  // namespace osprey::http
