#include "http/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include "base/uuid.hpp"
#include "http/request_id.hpp"

namespace osprey::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kTuple = asio::as_tuple(asio::deferred);

constexpr std::size_t kReceiveBytes = std::size_t{8} << 10;
constexpr std::size_t kReceiveBodyBytes = std::size_t{64} << 10;
/// How much of the next requests is held while one is answered; then we no longer see the peer leave.
constexpr std::size_t kPipelinedBytes = std::size_t{64} << 10;

/// Lingering ends when the peer closes, is silent for this long, or the whole takes too long.
constexpr milliseconds kLingerSilence{2'000};
constexpr milliseconds kLingerTime{10'000};
constexpr milliseconds kLingerTimeDraining{200};
/// For the peer to answer the end of a TLS connection.
constexpr milliseconds kTlsGoodbye{500};

/// Connections over the limit that get the time to read their 503.
constexpr std::size_t kRefusalsAtOnce = 64;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view view(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.cdata().data()), buffer.size()};
}

std::string address_of(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

/// Ends the exchange however the connection leaves it, so that a late answer does not look for a server that is gone.
struct ClosedOnExit {
  Exchange& exchange;
  ~ClosedOnExit() { static_cast<void>(exchange.close()); }
};

}  // namespace

Connection::Connection(IoThread& io, Socket socket)
    : io_(io),
      site_(io.site()),
      socket_(std::move(socket)),
      deadline_(socket_),
      event_(socket_.get_executor()),
      peer_(address_of(socket_)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (site_.tls) tls_.emplace(socket_, *site_.tls);
}

Awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
  self->deadline_.bind(self);
  self->io_.add(*self);
  try {
    if (!self->tls_) {
      co_await self->serve_requests();
    } else if (co_await self->shake_hands()) {
      co_await self->serve_requests();
      self->deadline_.set(kTlsGoodbye);
      if (!self->given_up_) co_await self->tls_->async_shutdown(kTuple);
    }
  } catch (const std::exception& exception) {
    self->site_.log->error("http: connection of {} failed: {}", self->peer_, exception.what());
  }
  self->finish();
  self->site_.addresses.leave(self->peer_);
  self->site_.open.fetch_sub(1, std::memory_order_relaxed);
}

Awaitable<void> Connection::refuse(std::shared_ptr<Connection> self) {
  self->deadline_.bind(self);
  self->io_.add(*self);
  // Those that come while many are told so are closed without waiting for them to read it.
  const bool many = self->site_.refusing.fetch_add(1, std::memory_order_relaxed) >= kRefusalsAtOnce;
  try {
    self->reply_.request_id = make_uuid_hex();
    if (self->tls_) self->tls_.reset();  // a handshake is more than such a connection is worth
    auto response = message_response(503, "too many connections; try again later");
    response.headers.add("Retry-After", "1");
    response.close = true;
    self->begin_answer(response);
    // What a connection that was just opened does not take at once is not worth waiting for.
    Outgoing bytes({asio::buffer(self->head_), asio::buffer(response.body)});
    if (self->send_now(bytes) && !many) co_await self->linger();
  } catch (const std::exception& exception) {
    self->site_.log->error("http: connection of {} failed: {}", self->peer_, exception.what());
  }
  self->finish();
  self->site_.refusing.fetch_sub(1, std::memory_order_relaxed);
}

Awaitable<bool> Connection::shake_hands() {
  deadline_.set(site_.limits.header_time);
  const auto [error] = co_await tls_->async_handshake(boost::asio::ssl::stream_base::server, kTuple);
  deadline_.clear();
  co_return !error;
}

void Connection::finish() {
  release_body();
  deadline_.stop();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  io_.remove(*this);
}

void Connection::begin_drain() {
  error_code ignored;
  if (state_ == State::idle) {
    socket_.cancel(ignored);
  } else if (state_ == State::closing) {
    linger_end_ = std::min(linger_end_, steady_clock::now() + kLingerTimeDraining);
    deadline_.set(kLingerTimeDraining);
  }
}

bool Connection::give_up() {
  const bool unanswered = state_ == State::reading || state_ == State::handling || state_ == State::writing;
  given_up_ = true;
  cancel_.cancel();
  signal_event();
  error_code ignored;
  socket_.close(ignored);
  return unanswered;
}

Awaitable<void> Connection::serve_requests() {
  while (!given_up_) {
    release_body();
    reader_.emplace(site_.limits);
    if (!co_await read_request()) co_return;
    begin_reply();

    std::optional<Response> response;
    const bool refused = reader_->refusal().has_value();
    if (refused) {
      release_body();
      response = message_response(reader_->refusal()->status, reader_->refusal()->message);
      if (response->status == 503) response->headers.add("Retry-After", "1");
      response->close = true;
    } else if (reply_.cors != ReplyContext::CorsFields::none && Cors::is_preflight(reader_->request())) {
      reply_.cors = ReplyContext::CorsFields::in_response;
      response = site_.cors.preflight(reader_->request());
    } else {
      state_ = State::handling;
      deadline_.clear();
      const auto exchange = std::make_shared<Exchange>();
      hand_on(exchange);
      response = exchange->take();
      if (!response) response = co_await wait_for_answer(exchange);
      if (!response) co_return;
    }

    begin_answer(*response);
    Outgoing bytes({asio::buffer(head_), asio::buffer(response->body)});
    if (!send_now(bytes)) co_return;
    if (asio::buffer_size(bytes) > 0 && !co_await send_rest(bytes)) co_return;
    if (reply_.keep_alive) continue;
    // A client that asked us to close sends nothing more; any other may be in the middle of it.
    error_code ignored;
    if (refused || reader_->keep_alive() || buffer_.size() > 0 || socket_.available(ignored) > 0) co_await linger();
    co_return;
  }
}

Awaitable<bool> Connection::read_request() {
  auto& reader = *reader_;
  bool continue_sent = false;
  state_ = State::idle;
  deadline_.set(site_.limits.idle_time);
  while (true) {
    buffer_.consume(reader.feed(view(buffer_)));
    count_body();
    if (reader.refusal() || reader.complete()) co_return true;
    if (state_ == State::idle && reader.started()) {
      state_ = State::reading;
      deadline_.set(site_.limits.header_time);
    }
    if (reader.header_complete() && !continue_sent) {
      continue_sent = true;
      if (reader.expects_continue()) {
        const Outgoing bytes({asio::buffer(kContinue), asio::const_buffer()});
        if (!co_await send_rest(bytes)) co_return false;
      }
      deadline_.set(site_.limits.body_time);
    }

    if (state_ == State::idle && io_.draining()) {
      // A request that has come already is still answered.
      if (!tls_) {
        if (!receive_now()) co_return false;
        continue;
      }
      error_code ignored;
      if (socket_.available(ignored) == 0) co_return false;
      deadline_.set(kLingerTimeDraining);
    }
    if (!deadline_.expired()) {
      const auto space = reader.body_space();
      const auto target = space.empty() ? buffer_.prepare(reader.header_complete() ? kReceiveBodyBytes : kReceiveBytes)
                                        : asio::mutable_buffer(space.data(), space.size());
      const auto [error, count] =
          tls_ ? co_await tls_->async_read_some(target, kTuple) : co_await socket_.async_read_some(target, kTuple);
      if (!error) {
        if (space.empty()) {
          buffer_.commit(count);
        } else {
          reader.commit_body(count);
        }
        continue;
      }
      if (given_up_) co_return false;
      if (error == asio::error::operation_aborted && state_ == State::idle && io_.draining()) continue;
      if (!deadline_.expired()) co_return false;  // the peer has closed, or the network failed
    }
    if (state_ == State::idle) co_return false;
    reader.refuse(408, reader.header_complete() ? "the request body took too long to arrive"
                                                : "the request header took too long to arrive");
    co_return true;
  }
}

void Connection::count_body() {
  const std::size_t held = reader_->request().body.size();
  if (held <= body_counted_) return;
  const std::size_t more = held - std::exchange(body_counted_, held);
  const std::size_t all = site_.bodies.fetch_add(more, std::memory_order_relaxed) + more;
  if (all > site_.limits.bodies_bytes) {
    reader_->refuse(503, "too many large requests at a time; try again later");
  }
}

void Connection::release_body() {
  site_.bodies.fetch_sub(std::exchange(body_counted_, 0), std::memory_order_relaxed);
  if (reader_) reader_->request().body = std::string();
}

bool Connection::receive_now() {
  error_code error;
  const auto count = socket_.read_some(buffer_.prepare(kReceiveBytes), error);
  if (error) return false;
  buffer_.commit(count);
  return true;
}

void Connection::begin_reply() {
  auto& request = reader_->request();
  request.id = request_id(request.headers);
  request.peer = peer_;
  cancel_ = request.cancel;

  const auto origin = request.headers.find("Origin");
  reply_.request_id = request.id;
  reply_.has_origin = origin.has_value();
  reply_.origin = origin.value_or("");
  reply_.http10 = reader_->is_http10();
  reply_.head_only = request.method == "HEAD";
  reply_.keep_alive = !reader_->refusal() && reader_->keep_alive();
  reply_.cors = Cors::applies_to(request.path) ? ReplyContext::CorsFields::ordinary : ReplyContext::CorsFields::none;
}

void Connection::hand_on(const std::shared_ptr<Exchange>& exchange) {
  auto responder = Exchange::responder(exchange);
  try {
    site_.handler(std::move(reader_->request()), std::move(responder));
  } catch (const std::exception& exception) {
    // The Responder is gone or will be, and answers 500.
    site_.log->error("http: the handler failed: {}", exception.what());
  } catch (...) {
    site_.log->error("http: the handler failed");
  }
}

Awaitable<std::optional<Response>> Connection::wait_for_answer(std::shared_ptr<Exchange> exchange) {
  const ClosedOnExit closed{*exchange};
  event_.expires_at(steady_clock::time_point::max());
  exchange->wake_with(
      [self = shared_from_this()] { asio::post(self->socket_.get_executor(), [self] { self->signal_event(); }); });
  watch_ending_ = false;
  watch_peer();
  co_await event_.async_wait(kTuple);
  if (watching_ && !given_up_) {
    watch_ending_ = true;
    event_.expires_at(steady_clock::time_point::max());
    error_code ignored;
    socket_.cancel(ignored);
    co_await event_.async_wait(kTuple);
  }
  auto response = exchange->close();
  if (given_up_) co_return std::nullopt;
  // Even if the peer has ended its side: it may have closed only that one, and still want the answer.
  co_return response;
}

void Connection::signal_event() {
  event_.expires_at(steady_clock::time_point::min());
}

void Connection::watch_peer() {
  if (buffer_.size() >= kPipelinedBytes) return;
  const auto space = buffer_.prepare(kReceiveBytes);
  watching_ = true;
  auto received = [self = shared_from_this()](const error_code& error, std::size_t count) {
    if (!error) self->buffer_.commit(count);
    self->end_of_watch(error && error != asio::error::operation_aborted, !error);
  };
  if (tls_) {
    tls_->async_read_some(space, std::move(received));
  } else {
    socket_.async_read_some(space, std::move(received));
  }
}

void Connection::end_of_watch(bool peer_left, bool go_on) {
  watching_ = false;
  if (peer_left) {
    cancel_.cancel();
    reply_.keep_alive = false;  // what it had pipelined is not worth the work any more
  }
  if (watch_ending_) {
    signal_event();
  } else if (go_on) {
    watch_peer();
  }
}

void Connection::begin_answer(Response& response) {
  state_ = State::writing;
  if (response.status < 200 || response.status > 999) {
    site_.log->error("http: the handler answered with the status {}", response.status);
    response = message_response(500, "Internal error.");
  }
  if (response.close || io_.draining()) reply_.keep_alive = false;
  head_.clear();
  append_head(head_, response, reply_, site_.cors, io_.date());
  if (reply_.head_only || !has_body(response.status)) response.body.clear();
}

bool Connection::send_now(Outgoing& bytes) {
  if (tls_) return true;  // encrypting is left to send_rest()
  error_code error;
  const auto sent = socket_.write_some(bytes, error);
  if (error && error != asio::error::would_block) return false;
  bytes.consume(sent);
  return true;
}

Awaitable<bool> Connection::send_rest(Outgoing bytes) {
  deadline_.set(site_.limits.write_time);
  while (asio::buffer_size(bytes) > 0) {
    if (deadline_.expired()) co_return false;
    const auto [error, count] =
        tls_ ? co_await tls_->async_write_some(bytes, kTuple) : co_await socket_.async_write_some(bytes, kTuple);
    if (error) co_return false;
    bytes.consume(count);
  }
  co_return true;
}

Awaitable<void> Connection::linger() {
  state_ = State::closing;
  error_code error;
  if (tls_) {
    deadline_.set(kTlsGoodbye);
    co_await tls_->async_shutdown(kTuple);
  }
  socket_.shutdown(Socket::shutdown_send, error);
  linger_end_ = steady_clock::now() + (io_.draining() ? kLingerTimeDraining : kLingerTime);
  buffer_.clear();
  deadline_.clear();
  while (!error && !given_up_ && !deadline_.expired()) {
    const auto left = std::chrono::duration_cast<milliseconds>(linger_end_ - steady_clock::now());
    if (left <= milliseconds::zero()) co_return;
    deadline_.set(std::min(left, kLingerSilence));
    // Of the socket, whatever it speaks: nobody reads this.
    const auto [failure, count] = co_await socket_.async_read_some(buffer_.prepare(kReceiveBodyBytes), kTuple);
    error = failure;
  }
}

}  // namespace osprey::http
