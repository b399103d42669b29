#include "client/answer_errors.hpp"

#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

namespace osprey::client {
namespace {

using Json = nlohmann::json;

ErrorKind kind_of(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403: return ErrorKind::unauthorized;
    case 404: return ErrorKind::not_found;
    case 429:
    case 503: return ErrorKind::overloaded;
    default: break;
  }
  if (status >= 500) return ErrorKind::server_failed;
  return status >= 400 ? ErrorKind::rejected : ErrorKind::bad_answer;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// "body.confidence: Input should be a valid number" of an item of `detail`.
std::string problem_text(const Json& problem) {
  if (!problem.is_object() || !problem.contains("msg")) return text_of(problem);
  std::string where;
  if (problem.contains("loc") && problem["loc"].is_array()) {
    for (const auto& part : problem["loc"]) where += (where.empty() ? "" : ".") + text_of(part);
  }
  return (where.empty() ? "" : where + ": ") + text_of(problem["msg"]);
}

std::string message_of(const Json& body) {
  if (!body.is_object()) return {};
  if (body.contains("message")) return text_of(body["message"]);
  if (!body.contains("detail")) return {};
  const Json& detail = body["detail"];
  if (!detail.is_array()) return text_of(detail);
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < detail.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : "; ") + problem_text(detail[i]);
  }
  return detail.size() > kShown ? text + "; ..." : text;
}

}  // namespace

Error error_of(int http_status, const std::string& body) {
  std::string message = message_of(Json::parse(body, nullptr, false));
  if (message.empty()) message = "the server answered with status " + std::to_string(http_status);
  return {.kind = kind_of(http_status), .message = std::move(message), .http_status = http_status};
}

Error bad_answer(int http_status, const std::string& why) {
  return {.kind = ErrorKind::bad_answer,
          .message = "the answer " + why + ": is it an inference server?",
          .http_status = http_status};
}

}  // namespace osprey::client
