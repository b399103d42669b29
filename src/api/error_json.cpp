#include "api/error_json.hpp"

#include <utility>

#include "api/json_writer.hpp"

namespace osprey::api {

int http_status(Code code) {
  switch (code) {
    case Code::invalid_argument: return 400;
    case Code::unauthenticated: return 401;
    case Code::payment_required: return 402;
    case Code::permission_denied: return 403;
    case Code::not_found: return 404;
    case Code::unsupported: return 501;
    case Code::payload_too_large: return 413;
    case Code::locked: return 423;
    case Code::overloaded: return 503;
    case Code::deadline_exceeded: return 504;
    case Code::cancelled: return 499;
    case Code::unavailable: return 503;
    case Code::upstream_failed: return 502;
    case Code::upstream_timeout: return 504;
    case Code::data_corrupted: return 500;
    case Code::internal: return 500;
  }
  return 500;
}

std::string message_json(std::string_view message, std::string_view help_url) {
  JsonWriter json;
  json.begin_object().key("message").string(message);
  if (!help_url.empty()) json.key("help_url").string(help_url);
  json.end_object();
  return std::move(json).take();
}

std::string problems_json(const Problems& problems) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array();
  for (const auto& problem : problems) {
    json.begin_object().key("type").string(problem.type).key("loc").begin_array();
    for (const auto& item : problem.location) {
      if (const auto* name = std::get_if<std::string>(&item)) {
        json.string(*name);
      } else {
        json.integer(std::get<std::int64_t>(item));
      }
    }
    json.end_array().key("msg").string(problem.message).key("input").raw(problem.input_json);
    if (!problem.context_json.empty()) json.key("ctx").raw(problem.context_json);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

}  // namespace osprey::api
