#include "http/response_head.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "http/ascii.hpp"

namespace osprey::http {
namespace {

/// Written by this file alone; a second one from a handler would break the framing or contradict it.
constexpr std::array<std::string_view, 6> kOwnFields{"Content-Length", "Transfer-Encoding", "Connection",
                                                     "Date",           "X-Request-ID",      "Content-Type"};

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool may_send(std::string_view name, std::string_view value) {
  return is_token(name) && is_field_value(value) &&
         std::none_of(kOwnFields.begin(), kOwnFields.end(),
                      [&](std::string_view own) { return equals_ignoring_case(name, own); });
}

}  // namespace

void append_head(std::string& out, const Response& response, const ReplyContext& context, const Cors& cors,
                 std::string_view date) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
  append_field(out, "Date", date);
  if (!response.content_type.empty() && is_field_value(response.content_type)) {
    append_field(out, "Content-Type", response.content_type);
  }
  if (has_body(response.status)) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  append_field(out, "X-Request-ID", context.request_id);
  if (context.cors == ReplyContext::CorsFields::ordinary) {
    cors.append_fields(out, context.has_origin ? std::optional<std::string_view>(context.origin) : std::nullopt);
  }
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (context.http10) {
    out += "Connection: keep-alive\r\n";
  }
  for (const auto& [name, value] : response.headers.fields()) {
    if (may_send(name, value)) append_field(out, name, value);
  }
  out += "\r\n";
}

}  // namespace osprey::http
