#include "http/request_reader.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cassert>
#include <limits>

#include "http/ascii.hpp"
#include "http/request_id.hpp"
#include "http/target.hpp"

namespace osprey::http {
namespace {

namespace beast_http = boost::beast::http;

/// A declared length alone makes us set aside no more than this; beyond, the body grows as it comes.
constexpr std::size_t kTrustedBodyBytes = std::size_t{8} << 20;
constexpr std::size_t kReceiveStep = std::size_t{256} << 10;
// Room behind the body: JSON parsers read a little past its end, and would have to copy it to make that room.
constexpr std::size_t kSpareBytes = 64;

/// What is left of any chunked body that is not complete, at least: "0\r\n\r\n".
constexpr std::size_t kShortestChunkedRest = 5;

std::string over_body_limit(std::size_t limit) {
  return "the request body is larger than the limit of " + std::to_string(limit) + " bytes";
}

}  // namespace

RequestReader::RequestReader(const Limits& limits) : limits_(limits) {
  // Its own limit starts anew in the middle of a header that comes in pieces; feed_header() counts for itself.
  basic_parser::header_limit(std::numeric_limits<std::uint32_t>::max());
  basic_parser::body_limit(std::uint64_t{limits.body_bytes});
  request_.headers.reserve(12);
}

std::size_t RequestReader::feed(std::string_view bytes) {
  std::size_t consumed = 0;
  if (!refusal_ && phase_ == Phase::header) {
    // Some clients send an empty line after a body (RFC 9112 section 2.2).
    while (!started_ && bytes.substr(consumed).starts_with("\r\n")) consumed += 2;
    if (consumed < bytes.size() && (started_ || bytes.substr(consumed) != "\r")) {
      started_ = true;
      consumed += feed_header(bytes.substr(consumed));
    }
  }
  if (refusal_) return consumed;
  const auto rest = bytes.substr(consumed);
  if (phase_ == Phase::chunked_body) return consumed + feed_chunks(rest);
  if (phase_ == Phase::sized_body && !rest.empty()) {
    const auto count = std::min(rest.size(), body_size_ - body_received_);
    request_.body.resize(body_received_);
    request_.body.append(rest.substr(0, count));
    commit_body(count);
    return consumed + count;
  }
  return consumed;
}

std::size_t RequestReader::feed_header(std::string_view bytes) {
  error_code error;
  const auto consumed = basic_parser::put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  header_bytes_ += consumed;
  const bool more = error == beast_http::error::need_more;
  const auto size = header_bytes_ + (more ? bytes.size() - consumed : 0);
  if (refusal_) return consumed;
  if (size > limits_.header_bytes || (more && size == limits_.header_bytes)) {
    refuse(431, "the request header is larger than the limit of " + std::to_string(limits_.header_bytes) + " bytes");
  } else if (error && !more) {
    fail(error);
  } else if (basic_parser::is_header_done()) {
    finish_header();
  }
  return consumed;
}

void RequestReader::finish_header() {
  const auto& headers = request_.headers;
  const auto transfer_encodings = headers.count("Transfer-Encoding");
  const auto hosts = headers.count("Host");
  if (std::any_of(request_.method.begin(), request_.method.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
    return refuse(400, "malformed request: the method must be in upper case");
  }
  if (hosts > 1 || (hosts == 0 && !is_http10())) {
    return refuse(400, "malformed request: exactly one Host field is needed");
  }
  if (transfer_encodings > 0) {
    // Any doubt about where the body ends would let one peer slip a request into another's connection.
    if (is_http10() || headers.count("Content-Length") > 0 || transfer_encodings > 1 ||
        !equals_ignoring_case(*headers.find("Transfer-Encoding"), "chunked")) {
      return refuse(400, "malformed request: Transfer-Encoding must be \"chunked\" alone, without Content-Length");
    }
  }
  auto target = http::parse_target(request_.target);
  if (!target) return refuse(400, target.error().message);
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);

  if (basic_parser::chunked()) {
    phase_ = Phase::chunked_body;
    basic_parser::eager(true);
    return;
  }
  body_size_ = static_cast<std::size_t>(basic_parser::content_length().value_or(0));
  phase_ = body_size_ == 0 ? Phase::complete : Phase::sized_body;
  request_.body.reserve(std::min(body_size_, kTrustedBodyBytes) + kSpareBytes);
}

std::size_t RequestReader::feed_chunks(std::string_view bytes) {
  std::size_t consumed = 0;
  // Beast asserts that it is not asked again with less than this in the middle of the last chunk.
  while (bytes.size() - consumed >= kShortestChunkedRest) {
    error_code error;
    const auto rest = bytes.substr(consumed);
    const auto count = basic_parser::put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    consumed += count;
    if (basic_parser::is_done()) {
      phase_ = Phase::complete;
      return consumed;
    }
    if (error == beast_http::error::need_more) {
      // Chunk extensions and trailer fields are of no use here, but have to be held until their end.
      if (rest.size() - count > limits_.header_bytes) refuse(431, "a chunk's header or the trailer is too large");
      return consumed;
    }
    if (error) {
      fail(error);
      return consumed;
    }
  }
  return consumed;
}

void RequestReader::fail(const error_code& error) {
  if (error == beast_http::error::body_limit) {
    refuse(413, over_body_limit(limits_.body_bytes));
  } else {
    refuse(400, "malformed request: " + error.message());
  }
}

bool RequestReader::expects_continue() const {
  if (is_http10() || !header_complete() || complete() || body_received_ > 0 || !request_.body.empty()) return false;
  const auto expect = request_.headers.find("Expect");
  return expect && equals_ignoring_case(*expect, "100-continue");
}

std::span<char> RequestReader::body_space() {
  if (phase_ != Phase::sized_body) return {};
  auto& body = request_.body;
  if (body.size() == body_received_) body.resize(std::min(body_size_, body_received_ + kReceiveStep));
  return std::span(body).subspan(body_received_);
}

void RequestReader::commit_body(std::size_t count) {
  body_received_ += count;
  assert(body_received_ <= body_size_);
  if (body_received_ == body_size_) phase_ = Phase::complete;
}

void RequestReader::on_request_impl(verb, string_view method, string_view target, int version, error_code&) {
  request_.method.assign(method.data(), method.size());
  request_.target.assign(target.data(), target.size());
  version_ = version;
}

void RequestReader::on_field_impl(field, string_view name, string_view value, error_code&) {
  // A trailer's fields come here too. They are not the header's: nothing there may change what was decided on it.
  if (phase_ != Phase::header || refusal_) return;
  if (request_.headers.fields().size() == limits_.header_fields) {
    return refuse(431, "the request header has more fields than the limit of " + std::to_string(limits_.header_fields));
  }
  request_.headers.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
}

std::size_t RequestReader::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace osprey::http
