#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "http/ascii.hpp"

namespace osprey::http {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equals_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(),
                                                [&](const auto& f) { return equals_ignoring_case(f.first, name); }));
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  const auto last = std::find_if(query.rbegin(), query.rend(), [&](const auto& entry) { return entry.first == name; });
  if (last == query.rend()) return std::nullopt;
  return last->second;
}

std::string_view Request::path_parameter(std::string_view name) const {
  for (const auto& [key, value] : path_parameters) {
    if (key == name) return value;
  }
  return {};
}

Responder::~Responder() {
  if (send_) send_(message_response(500, "Internal error."));
}

void Responder::operator()(Response response) {
  assert(send_);
  if (const auto send = std::exchange(send_, nullptr)) send(std::move(response));
}

Response message_response(int status, std::string_view message) {
  Response response;
  response.status = status;
  response.body = "{\"message\":\"";
  for (const char c : message) {
    // Only text of this room comes here, but it may quote what a peer has sent.
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      response.body += '\\';
      response.body += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      response.body += '?';
    } else {
      response.body += c;
    }
  }
  response.body += "\"}";
  return response;
}

}  // namespace osprey::http
