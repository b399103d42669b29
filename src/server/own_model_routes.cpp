// Models of the operator's own over HTTP, where the setting allows it: GET /models, PUT and DELETE
// /models/{project}/{version}.
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json_writer.hpp"
#include "api/multipart.hpp"
#include "registry/new_model_parameters.hpp"
#include "server/exchange.hpp"
#include "server/model_management.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

using api::JsonWriter;
using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr const char* kOff =
    "models are not managed over HTTP on this server; its operator can allow it with --allow-model-management "
    "(OSPREY_ALLOW_MODEL_MANAGEMENT=true)";

std::string model_id_of(const http::Request& request) {
  return std::string(request.path_parameter("project")) + "/" + std::string(request.path_parameter("version"));
}

void write_model(const registry::ModelSummary& model, JsonWriter& json) {
  json.key("model_id").string(model.model_id);
  json.key("state").string(model.package ? "sound" : "broken");
  json.key("bytes").integer(static_cast<std::int64_t>(model.bytes));
  if (model.error) json.key("error").string(model.error->message);
  if (!model.package) return;
  const auto& package = *model.package;
  json.key("task").string(vision::to_string(package.family.task));
  json.key("family").string(package.family.architecture);
  json.key("input").begin_object();
  json.key("width").integer(package.preprocess.network.width);
  json.key("height").integer(package.preprocess.network.height).end_object();
  json.key("classes").begin_array();
  for (const auto& name : package.family.class_names) json.string(name);
  json.end_array();
}

/// A request for a model: what it says, and where in its body the network is.
struct Upload {
  registry::NewModel model;
  std::string_view weights;  ///< of the request's body
};

Result<Upload> read_upload(const http::Request& request) {
  Upload upload;
  upload.model.model_id = model_id_of(request);
  upload.model.weights_name = "the network";
  upload.model.spelling = registry::Spelling::parameter;
  upload.weights = request.body;
  Parameters parameters(request.query.begin(), request.query.end());
  const auto type = request.headers.find("Content-Type");
  if (type && type->starts_with("multipart/form-data")) {
    const auto parts = api::parse_multipart(*type, request.body);
    if (!parts) return parts.error();
    upload.weights = {};
    for (const auto& part : *parts) {
      if (part.name == "weights") {
        upload.weights = part.data;
      } else {
        parameters.emplace_back(part.name, part.data);
      }
    }
  }
  for (const auto& [name, value] : parameters) {
    if (name == "api_key") continue;  // a key of this server
    if (auto set = registry::set_parameter(name, value, upload.model); !set) return std::move(set).error();
  }
  if (upload.weights.empty()) {
    return Error{Code::invalid_argument,
                 "no network was sent; the body has to be the ONNX file (curl -T best.onnx), or a form with it as "
                 "'weights' (curl -X PUT -F weights=@best.onnx)"};
  }
  return upload;
}

/// What the work needs besides the models folder. Not the whole context: that owns the thread which does the work.
struct Server {
  registry::ModelRegistry& registry;
  Log log;
};

void add(const Server& server, const std::shared_ptr<Exchange>& exchange, registry::OwnModels& models) {
  auto upload = read_upload(exchange->request);
  if (!upload) return exchange->fail(upload.error());
  auto added = models.add(upload->model, upload->weights);
  if (!added) {
    auto error = std::move(added).error();
    // What is wrong with the network is the sender's to mend.
    if (error.code == Code::data_corrupted || error.code == Code::unsupported) error.code = Code::invalid_argument;
    return exchange->fail(error);
  }
  // The next request finds the new one, and those that run end with the old.
  if (added->replaced) (void)server.registry.remove(added->model.model_id);
  server.log->info("model {} was {} over HTTP by {}", added->model.model_id, added->replaced ? "replaced" : "added",
                   exchange->request.peer);
  JsonWriter json;
  json.begin_object();
  write_model(added->model, json);
  json.key("replaced").boolean(added->replaced).end_object();
  http::Response response;
  response.status = added->replaced ? 200 : 201;
  response.body = std::move(json).take();
  exchange->answer(std::move(response));
}

void remove(const Server& server, const std::shared_ptr<Exchange>& exchange, registry::OwnModels& models) {
  const auto model_id = model_id_of(exchange->request);
  if (auto removed = models.remove(model_id); !removed) return exchange->fail(removed.error());
  (void)server.registry.remove(model_id);
  server.log->info("model {} was removed over HTTP by {}", model_id, exchange->request.peer);
  JsonWriter json;
  json.begin_object().key("model_id").string(model_id).key("removed").boolean(true).end_object();
  exchange->answer_json(std::move(json).take());
}

void list(const Server& /*server*/, const std::shared_ptr<Exchange>& exchange, registry::OwnModels& models) {
  const auto found = models.list();
  if (!found) return exchange->fail(found.error());
  JsonWriter json;
  json.begin_object().key("models").begin_array();
  for (const auto& model : *found) {
    json.begin_object();
    write_model(model, json);
    json.end_object();
  }
  json.end_array().end_object();
  exchange->answer_json(std::move(json).take());
}

using Step = void (*)(const Server& server, const std::shared_ptr<Exchange>& exchange, registry::OwnModels& models);

http::Handler managed(const RouteContext& context, Step step) {
  const Server server{context.registry, context.log};
  return [context, server, step](http::Request request, http::Responder respond) {
    auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), context.clock->now());
    if (!context.management) return exchange->fail({Code::permission_denied, kOff});
    const bool taken = context.management->submit([server, exchange, step](registry::OwnModels& models) {
      if (exchange->request.cancel.cancelled()) return;
      try {
        step(server, exchange, models);
      } catch (const std::exception& e) {  // such as no memory
        exchange->fail({Code::internal, e.what()});
      }
    });
    if (!taken) exchange->fail({Code::overloaded, "other models are being added; try again later"});
  };
}

}  // namespace

void add_own_model_routes(http::Router& router, const RouteContext& context) {
  router.add("GET", "/models", managed(context, list));
  router.add("PUT", "/models/{project}/{version}", managed(context, add));
  router.add("DELETE", "/models/{project}/{version}", managed(context, remove));
}

}  // namespace osprey::server
