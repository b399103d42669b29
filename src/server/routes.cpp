#include "server/routes.hpp"

#include <utility>

namespace osprey::server {
namespace {

/// Headers that the reference puts on every answer (http-api 1.2 of the reference). Those of a cold start are set by
/// the prediction routes and win over the defaults.
void add_default_headers(http::Response& response) {
  response.headers.add("x-inference-engine", "inference-models");
  if (response.headers.find("X-Model-Cold-Start")) return;
  response.headers.add("X-Model-Cold-Start", "false");
  response.headers.add("X-Model-Cold-Start-Count", "0");
}

}  // namespace

http::Handler make_handler(const RouteContext& context) {
  auto router = std::make_shared<http::Router>();
  add_docs_routes(*router, context);
  add_info_routes(*router, context);
  add_model_routes(*router, context);
  add_prediction_routes(*router, context);
  return [router](http::Request request, http::Responder respond) {
    auto inner = std::make_shared<http::Responder>(std::move(respond));
    router->handle(std::move(request), http::Responder([inner](http::Response response) {
                     add_default_headers(response);
                     (*inner)(std::move(response));
                   }));
  };
}

}  // namespace osprey::server
