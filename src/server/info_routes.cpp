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

constexpr const char* kFrontPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Osprey</title>"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<h1>Osprey is running</h1><p>Models in memory: <a href=\"/model/registry\">/model/registry</a>. "
    "Send images to <code>POST /infer/object_detection</code> or <code>POST /{project}/{version}</code>.</p></html>\n";

}  // namespace

void add_info_routes(http::Router& router, const RouteContext& context) {
  router.add("GET", "/healthz",
             [](http::Request, http::Responder respond) { respond(json_response(200, R"({"status":"healthy"})")); });
  router.add("GET", "/readiness", [ready = context.ready](http::Request, http::Responder respond) {
    const bool is_ready = ready();
    respond(json_response(is_ready ? 200 : 503, is_ready ? R"({"status":"ready"})" : R"({"status":"not ready"})"));
  });
  router.add("GET", "/info",
             [body = api::info_json(context.version, context.server_id)](http::Request, http::Responder respond) {
               respond(json_response(200, body));
             });
  router.add("GET", "/", [](http::Request, http::Responder respond) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = kFrontPage;
    respond(std::move(response));
  });
}

}  // namespace osprey::server
