#include "server/routes.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
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

/// Routes that read the key from their body, too, and ask Access by themselves once they have it.
bool reads_key_from_body(const http::Request& request) {
  constexpr std::string_view kPaths[] = {"/infer/object_detection",
                                         "/infer/instance_segmentation",
                                         "/infer/keypoints_detection",
                                         "/infer/classification",
                                         "/infer/semantic_segmentation",
                                         "/model/add",
                                         "/model/remove"};
  return request.method == "POST" && std::find(std::begin(kPaths), std::end(kPaths), request.path) != std::end(kPaths);
}

}  // namespace

http::Handler make_handler(const RouteContext& context) {
  auto router = std::make_shared<http::Router>();
  add_catalog_routes(*router, context);
  add_docs_routes(*router, context);
  add_info_routes(*router, context);
  add_model_routes(*router, context);
  add_monitor_routes(*router, context);
  add_own_model_routes(*router, context);
  add_page_routes(*router, context);
  add_prediction_routes(*router, context);
  add_oip_routes(*router, context);
  router->set_observer(
      [metrics = context.metrics](std::string_view pattern, const http::Request& request, http::Responder respond) {
        return metrics->http().observe(pattern, request, std::move(respond));
      });
  return [router, access = context.access, metrics = context.metrics, leaving = context.leaving](
             http::Request request, http::Responder respond) {
    auto inner = std::make_shared<http::Responder>(std::move(respond));
    http::Responder with_headers([inner, leaving](http::Response response) {
      add_default_headers(response);
      if (leaving && leaving()) response.close = true;
      (*inner)(std::move(response));
    });
    const bool may_pass = !access->closed() || Access::is_public(request.path) || reads_key_from_body(request) ||
                          access->allows(request, std::nullopt);
    if (!may_pass) {
      auto refusal = request.path.starts_with("/v2/") ? oip_unauthorized_response() : unauthorized_response();
      return metrics->http().observe("", request, std::move(with_headers))(std::move(refusal));
    }
    router->handle(std::move(request), std::move(with_headers));
  };
}

}  // namespace osprey::server
