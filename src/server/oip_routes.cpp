// The Open Inference Protocol (KServe V2) over HTTP: /v2/...
#include <memory>
#include <string>
#include <utility>

#include "api/error_json.hpp"
#include "api/json_writer.hpp"
#include "oip/core.hpp"
#include "oip/rest/answers.hpp"
#include "oip/rest/infer_body.hpp"
#include "server/exchange.hpp"
#include "server/model_headers.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

constexpr const char* kJsonSize = "Inference-Header-Content-Length";

using SharedExchange = std::shared_ptr<Exchange>;

/// What the routes of this file work with.
struct OipContext {
  std::shared_ptr<oip::Core> core;
  std::shared_ptr<const Access> access;
  std::shared_ptr<const Clock> clock;
  std::chrono::seconds request_time;
  int max_json_depth;
};

/// The protocol's form of an error.
void fail(Exchange& exchange, const Error& error) {
  http::Response response;
  response.status = api::http_status(error.code);
  response.body = oip::error_json(error.message);
  if (response.status == 503) response.headers.add("Retry-After", "1");
  exchange.answer(std::move(response));
}

/// 200, or 503 with the same body: what is not ready is so only for now.
void tell_state(http::Responder& respond, bool good, std::string body) {
  http::Response response;
  response.status = good ? 200 : 503;
  response.body = std::move(body);
  respond(std::move(response));
}

oip::ModelName model_of(const http::Request& request) {
  if (const auto project = request.path_parameter("project"); !project.empty()) {
    return {std::string(project) + "/" + std::string(request.path_parameter("version"))};
  }
  return {std::string(request.path_parameter("name")), std::string(request.path_parameter("version"))};
}

std::string key_of(const OipContext& context, const http::Request& request) {
  return context.access->registry_key(request, true, std::nullopt);
}

using Step = void (*)(const OipContext& context, const SharedExchange& exchange);

/// Runs a step on a compute thread; when there is no room for it, answers so at once.
http::Handler admitted(const OipContext& context, Step step) {
  return [context, step](http::Request request, http::Responder respond) {
    auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), context.clock->now());
    context.core->admit(
        exchange->request.cancel, exchange->started + context.request_time,
        [context, step, exchange] { step(context, exchange); }, [exchange](Error why) { fail(*exchange, why); });
  };
}

void answer_inference(Exchange& exchange, const oip::InferRequest& request, Result<oip::InferAnswer> answer) {
  if (!answer) return fail(exchange, answer.error());
  auto body = oip::infer_answer_body(*answer, request);
  if (!body) return fail(exchange, body.error());
  http::Response response;
  response.body = std::move(body->bytes);
  if (body->json_size) {
    response.content_type = "application/octet-stream";
    response.headers.add(kJsonSize, std::to_string(*body->json_size));
  }
  add_model_headers(answer->model_id, answer->cold, answer->load_seconds, response);
  exchange.answer(std::move(response));
}

void infer(const OipContext& context, const SharedExchange& exchange) {
  auto& sent = exchange->request;
  if (const auto encoding = sent.headers.find("Content-Encoding"); encoding && *encoding != "identity") {
    return fail(*exchange, {Code::invalid_argument, "the Content-Encoding '" + std::string(*encoding) +
                                                        "' is not supported; send the request uncompressed"});
  }
  auto body =
      std::make_shared<oip::InferBody>(std::move(sent.body), sent.headers.find(kJsonSize), context.max_json_depth);
  if (!body->status()) return fail(*exchange, body->status().error());
  auto request = std::make_shared<oip::InferRequest>(body->take_request());
  request->model = model_of(sent);
  request->api_key = key_of(context, sent);
  request->request_path = sent.path;
  request->cancel = sent.cancel;
  request->started = exchange->started;
  request->deadline = exchange->started + context.request_time;
  request->keep_alive = std::move(body);
  context.core->infer(request, [exchange, request](Result<oip::InferAnswer> answer) {
    answer_inference(*exchange, *request, std::move(answer));
  });
}

template <std::string (*kWrite)(const oip::ModelMetadata&)>
void describe(const OipContext& context, const SharedExchange& exchange) {
  context.core->model_metadata(model_of(exchange->request), key_of(context, exchange->request),
                               [exchange](const Result<oip::ModelMetadata>& metadata) {
                                 if (!metadata) return fail(*exchange, metadata.error());
                                 exchange->answer_json(kWrite(*metadata));
                               });
}

void index(const OipContext& context, const SharedExchange& exchange) {
  const auto body = oip::parse_repository_body(std::move(exchange->request.body), context.max_json_depth);
  if (!body) return fail(*exchange, body.error());
  exchange->answer_json(oip::index_json(context.core->repository_index(body->ready)));
}

void load(const OipContext& context, const SharedExchange& exchange) {
  const auto body = oip::parse_repository_body(std::move(exchange->request.body), context.max_json_depth);
  if (!body) return fail(*exchange, body.error());
  for (const auto& [name, value] : body->parameters) {
    if (name != "config" && !name.starts_with("file:")) continue;
    return fail(*exchange, {Code::invalid_argument,
                            "a load takes no '" + name + "': models are served as their packages describe them"});
  }
  context.core->load(model_of(exchange->request), key_of(context, exchange->request), [exchange](const Status& loaded) {
    if (!loaded) return fail(*exchange, loaded.error());
    exchange->answer_json("{}");
  });
}

void unload(const OipContext& context, const SharedExchange& exchange) {
  const auto body = oip::parse_repository_body(std::move(exchange->request.body), context.max_json_depth);
  if (!body) return fail(*exchange, body.error());
  if (const auto done = context.core->unload(model_of(exchange->request)); !done) return fail(*exchange, done.error());
  exchange->answer_json("{}");
}

void add_model(http::Router& router, const OipContext& context, const std::string& path) {
  router.add("POST", path + "/infer", admitted(context, infer));
  router.add("GET", path + "/config", admitted(context, describe<oip::config_json>));
  router.add("GET", path + "/ready", [context](http::Request request, http::Responder respond) {
    const auto model = model_of(request);
    const auto ready = context.core->model_ready(model);
    if (!ready) {
      Exchange exchange(std::move(request), std::move(respond), context.clock->now());
      return fail(exchange, ready.error());
    }
    api::JsonWriter json;
    json.begin_object().key("name").string(model.name).key("ready").boolean(*ready).end_object();
    tell_state(respond, *ready, std::move(json).take());
  });
}

}  // namespace

std::shared_ptr<oip::Core> make_oip_core(const RouteContext& context) {
  oip::CoreContext core{.service = context.service, .registry = context.registry, .clock = context.clock};
  core.version = context.version;
  core.live = [hangs = context.hangs] { return !hangs || !hangs(); };
  core.ready = [ready = context.ready, leaving = context.leaving] { return ready() && (!leaving || !leaving()); };
  core.max_images = context.max_images;
  core.numpy_input = context.switches.numpy_input;
  core.request_time = context.request_time;
  core.authorize = [access = context.access](std::string_view key) { return access->authorize(key); };
  core.succeeded = [metrics = context.metrics](std::string_view model_id,
                                               std::span<const service::ImagePrediction> images, double seconds) {
    metrics->predictions().succeeded(model_id, images, seconds);
  };
  core.failed = [metrics = context.metrics](std::string_view model_id, Code code) {
    metrics->predictions().failed(model_id, code);
  };
  return std::make_shared<oip::Core>(std::move(core));
}

http::Response oip_unauthorized_response() {
  auto response = unauthorized_response();
  response.body = oip::error_json("the key is missing or not one of this server's; send it as Authorization: Bearer");
  return response;
}

void add_oip_routes(http::Router& router, const RouteContext& context) {
  const OipContext oip{make_oip_core(context), context.access, context.clock, context.request_time,
                       context.max_json_depth};
  router.add("GET", "/v2", [core = oip.core](http::Request, http::Responder respond) {
    tell_state(respond, true, oip::server_json(core->server_metadata()));
  });
  router.add("GET", "/v2/health/live", [core = oip.core](http::Request, http::Responder respond) {
    const bool live = core->live();
    tell_state(respond, live, live ? R"({"live":true})" : R"({"live":false})");
  });
  router.add("GET", "/v2/health/ready", [core = oip.core](http::Request, http::Responder respond) {
    const bool ready = core->ready();
    tell_state(respond, ready, ready ? R"({"ready":true})" : R"({"ready":false})");
  });
  // Those with a project and its version as one name go last, as they take any two segments.
  const std::string slashed = "/v2/models/{project}/{version}";
  for (const std::string path : {"/v2/models/{name}", "/v2/models/{name}/versions/{version}"}) {
    router.add("GET", path, admitted(oip, describe<oip::model_json>));
    add_model(router, oip, path);
  }
  add_model(router, oip, slashed);
  router.add("GET", slashed, admitted(oip, describe<oip::model_json>));
  router.add("POST", "/v2/repository/index", admitted(oip, index));
  for (const std::string path : {"/v2/repository/models/{name}", "/v2/repository/models/{project}/{version}"}) {
    router.add("POST", path + "/load", admitted(oip, load));
    router.add("POST", path + "/unload", admitted(oip, unload));
  }
  for (const char* method : {"GET", "POST"}) {
    router.add(method, "/v2/{rest:path}", [clock = context.clock](http::Request request, http::Responder respond) {
      const std::string path = request.method + " " + request.path;
      Exchange exchange(std::move(request), std::move(respond), clock->now());
      fail(exchange, {Code::not_found, "the protocol has no " + path});
    });
  }
}

}  // namespace osprey::server
