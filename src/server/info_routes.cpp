#include <utility>

#include "api/model_json.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

constexpr const char* kAllHang =
    "every thread hangs in a network's run, and as many as may stand in for them do; restart";

}  // namespace

void add_info_routes(http::Router& router, const RouteContext& context) {
  router.add("GET", "/healthz",
             [](http::Request, http::Responder respond) { respond(json_response(200, R"({"status":"healthy"})")); });
  router.add("GET", "/readiness", [context](http::Request, http::Responder respond) {
    // A model that fails leaves the server ready for the others; without a thread it is ready for none.
    const bool hangs = context.hangs && context.hangs();
    const bool leaving = context.leaving && context.leaving();
    const bool is_ready = context.ready() && !hangs && !leaving;
    const char* const reason = hangs ? kAllHang : leaving ? "draining" : "";
    respond(
        json_response(is_ready ? 200 : 503, api::readiness_json(is_ready, reason, model_entries(context.registry))));
  });
  router.add("GET", "/info",
             [body = api::info_json(context.version, context.server_id)](http::Request, http::Responder respond) {
               respond(json_response(200, body));
             });
}

}  // namespace osprey::server
