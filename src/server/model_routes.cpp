#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/inference_body.hpp"
#include "api/model_json.hpp"
#include "server/exchange.hpp"
#include "server/routes.hpp"

namespace osprey::server {

std::vector<api::ModelEntry> model_entries(const registry::ModelRegistry& registry) {
  std::vector<api::ModelEntry> entries;
  for (auto& model : registry.list()) {
    entries.push_back({std::move(model.model_id), model.task, model.input, std::move(model.request_paths),
                       std::move(model.request_aliases)});
    if (model.out) entries.back().failure = {std::move(model.out->reason), model.out->retry_seconds};
  }
  return entries;
}

namespace {

std::string live_models_json(const registry::ModelRegistry& registry) {
  return api::models_json(model_entries(registry));
}

bool sent_as_json(const http::Request& request) {
  const auto type = request.headers.find("Content-Type");
  return type && api::is_json_content_type(*type);
}

void add_model(const RouteContext& context, http::Request request, http::Responder respond) {
  const bool is_json = sent_as_json(request);
  auto body = api::parse_model_body(std::move(request.body), is_json, context.max_json_depth);
  auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), context.clock->now());
  if (!context.access->allows(exchange->request, body.api_key)) return exchange->answer(unauthorized_response());
  if (!body.problems.empty()) return exchange->refuse(body.problems);
  const auto key = context.access->registry_key(exchange->request, false, body.api_key);
  context.registry.acquire({context.registry.resolve(body.model_id), "/model/add", key},
                           [&registry = context.registry, exchange](Result<registry::ModelLease> lease) {
                             if (!lease) return exchange->fail(lease.error());
                             exchange->answer_json(live_models_json(registry));
                           });
}

void remove_model(const RouteContext& context, http::Request request, http::Responder respond) {
  const bool is_json = sent_as_json(request);
  auto body = api::parse_model_body(std::move(request.body), is_json, context.max_json_depth);
  Exchange exchange(std::move(request), std::move(respond), context.clock->now());
  if (!context.access->allows(exchange.request, body.api_key)) return exchange.answer(unauthorized_response());
  if (!body.problems.empty()) return exchange.refuse(body.problems);
  // One that is not loaded is no error: what the caller wants is so already.
  (void)context.registry.remove(body.model_id);
  exchange.answer_json(live_models_json(context.registry));
}

void start_model(const RouteContext& context, http::Request request, http::Responder respond) {
  const std::string model_id =
      std::string(request.path_parameter("dataset")) + "/" + std::string(request.path_parameter("version"));
  const std::string path = request.path;
  auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), context.clock->now());
  const auto key = context.access->registry_key(exchange->request, true, std::nullopt);
  context.registry.acquire({model_id, path, key}, [exchange](Result<registry::ModelLease> lease) {
    if (!lease) return exchange->fail(lease.error());
    exchange->answer_json(R"({"status":200,"message":"inference session started from local memory."})");
  });
}

}  // namespace

void add_model_routes(http::Router& router, const RouteContext& context) {
  if (context.switches.model_registry) {
    router.add("GET", "/model/registry", [context](http::Request request, http::Responder respond) {
      Exchange exchange(std::move(request), std::move(respond), context.clock->now());
      exchange.answer_json(live_models_json(context.registry));
    });
  }
  router.add("POST", "/model/add", [context](http::Request request, http::Responder respond) {
    add_model(context, std::move(request), std::move(respond));
  });
  router.add("POST", "/model/remove", [context](http::Request request, http::Responder respond) {
    remove_model(context, std::move(request), std::move(respond));
  });
  router.add("POST", "/model/clear", [context](http::Request request, http::Responder respond) {
    context.registry.clear();
    Exchange exchange(std::move(request), std::move(respond), context.clock->now());
    exchange.answer_json(live_models_json(context.registry));
  });
  router.add("GET", "/clear_cache", [context](http::Request request, http::Responder respond) {
    context.registry.clear();
    Exchange exchange(std::move(request), std::move(respond), context.clock->now());
    exchange.answer_json("\"Cache Cleared\"");
  });
  router.add("GET", "/start/{dataset}/{version}", [context](http::Request request, http::Responder respond) {
    start_model(context, std::move(request), std::move(respond));
  });
}

}  // namespace osprey::server
