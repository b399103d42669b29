// From bytes to a Request, under the limits. No sockets: the connection feeds it, tests and fuzzers can too.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/server.hpp"

namespace osprey::http {

/// Why a request is not handed on, as the client is told it.
struct Refusal {
  int status = 400;
  std::string message;
};

/// Reads one request. Not thread-safe; one object per request.
class RequestReader final : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestReader(const Limits& limits);

  /// Takes bytes as they were received, after those that were consumed before; to be called again with the rest and
  /// more bytes. Returns how many are consumed. Consumes nothing once complete() or refused.
  std::size_t feed(std::string_view bytes);

  /// Whether anything of a request has come; empty lines before it do not count.
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] bool header_complete() const { return phase_ != Phase::header; }
  [[nodiscard]] bool complete() const { return phase_ == Phase::complete; }
  /// Whether the client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  /// Whether the connection may stay open after the answer. Requires header_complete().
  [[nodiscard]] bool keep_alive() const { return basic_parser::keep_alive(); }
  [[nodiscard]] bool is_http10() const { return version_ == 10; }

  /// Set when the request is malformed or over a limit.
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
  void refuse(int status, std::string message) { refusal_ = Refusal{status, std::move(message)}; }

  /// Where the next bytes of a body of known length can be received without a copy; empty if they have to go through
  /// feed(). Valid until the next call of any function but commit_body().
  [[nodiscard]] std::span<char> body_space();
  /// Says that `count` bytes were received there.
  void commit_body(std::size_t count);

  /// The request so far: with complete() whole, with a refusal what was understood of it.
  [[nodiscard]] Request& request() { return request_; }

 private:
  enum class Phase { header, sized_body, chunked_body, complete };
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  using field = boost::beast::http::field;
  using verb = boost::beast::http::verb;

  std::size_t feed_header(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);
  void finish_header();
  void fail(const error_code& error);

  void on_request_impl(verb, string_view method, string_view target, int version, error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(field, string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
  void on_finish_impl(error_code&) override {}

  const Limits& limits_;
  Request request_;
  std::optional<Refusal> refusal_;
  Phase phase_ = Phase::header;
  bool started_ = false;
  int version_ = 11;
  std::size_t header_bytes_ = 0;   ///< consumed of the header
  std::size_t body_received_ = 0;  ///< of a body of known length; request_.body may be larger, to receive into
  std::size_t body_size_ = 0;      ///< the declared one
};

}  // namespace osprey::http
