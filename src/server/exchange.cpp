#include "server/exchange.hpp"

#include <utility>

#include "api/error_json.hpp"

namespace osprey::server {
namespace {

// The link that the reference gives with errors of this kind; its clients may compare it.
constexpr const char* kModelInputHelp =
    "https://inference-models.roboflow.com/errors/input-validation/#modelinputerror";

}  // namespace

void Exchange::answer(http::Response response) {
  if (answered_.exchange(true)) return;
  respond_(std::move(response));
}

void Exchange::answer_json(std::string body) {
  http::Response response;
  response.body = std::move(body);
  answer(std::move(response));
}

void Exchange::fail(const Error& error) {
  http::Response response;
  response.status = api::http_status(error.code);
  const bool model_input = error.message.starts_with("Error with model input.");
  response.body = api::message_json(error.message, model_input ? kModelInputHelp : "");
  if (response.status == 503) response.headers.add("Retry-After", "1");
  answer(std::move(response));
}

void Exchange::refuse(const api::Problems& problems) {
  http::Response response;
  response.status = 422;
  response.body = api::problems_json(problems);
  answer(std::move(response));
}

}  // namespace osprey::server
