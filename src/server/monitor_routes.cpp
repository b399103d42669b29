// What operators ask for: /metrics, /logs, /device/stats.
#include <utility>

#include "api/error_json.hpp"
#include "api/json_writer.hpp"
#include "api/log_json.hpp"
#include "server/exchange.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

void send_logs(const RouteContext& context, http::Request request, http::Responder respond) {
  if (!context.logs) return respond(json_response(404, R"({"detail":"Logs endpoint not available"})"));
  const auto query = api::parse_log_query(request.query);
  Exchange exchange(std::move(request), std::move(respond), context.clock->now());
  if (!query.problems.empty()) return exchange.refuse(query.problems);
  exchange.answer_json(api::logs_json(context.logs->entries(), query));
}

/// The reference's answer where it is not given the containers' socket; ours never reads one.
std::string no_device_stats() {
  api::JsonWriter json;
  json.begin_object().key("error").string("Device statistics of containers are not read by this server.");
  json.key("hint").string("Memory, processor time and queues of this process are in /metrics.").end_object();
  return std::move(json).take();
}

}  // namespace

void add_monitor_routes(http::Router& router, const RouteContext& context) {
  router.add("GET", "/metrics", [metrics = context.metrics](http::Request, http::Responder respond) {
    http::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics->text();
    respond(std::move(response));
  });
  router.add("GET", "/logs", [context](http::Request request, http::Responder respond) {
    send_logs(context, std::move(request), std::move(respond));
  });
  router.add("GET", "/device/stats",
             [](http::Request, http::Responder respond) { respond(json_response(404, no_device_stats())); });
}

}  // namespace osprey::server
