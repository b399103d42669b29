// GET /model/catalog: every model that can be asked for by name, loaded or not, and what it takes and tells.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json_writer.hpp"
#include "server/exchange.hpp"
#include "server/model_catalog.hpp"
#include "server/routes.hpp"

namespace osprey::server {
namespace {

using api::JsonWriter;

void write_input(const std::optional<vision::Size>& input, JsonWriter& json) {
  if (!input) return;  // it takes any size
  json.key("input").begin_object().key("width").integer(input->width).key("height").integer(input->height);
  json.end_object();
}

void write_package(const package::Package& package, JsonWriter& json) {
  const auto& family = package.family;
  json.key("task").string(vision::to_string(family.task));
  json.key("family").string(family.architecture);
  write_input(package.dynamic_input_size ? std::nullopt : std::optional(package.preprocess.network), json);
  json.key("classes").begin_array();
  for (const auto& name : family.class_names) json.string(name);
  json.end_array();
  json.key("colors").begin_object();
  for (const auto& [name, color] : package.colors) json.key(name).string(color);
  json.end_object();
  if (family.skeletons.empty()) return;
  json.key("keypoints").begin_array();
  for (const auto& skeleton : family.skeletons) {
    json.begin_array();
    for (const auto& name : skeleton.keypoints) json.string(name);
    json.end_array();
  }
  json.end_array();
}

void write_summary(const registry::ModelSummary& model, bool live, JsonWriter& json) {
  json.begin_object().key("model_id").string(model.model_id);
  json.key("state").string(model.package ? "sound" : "broken");
  json.key("live").boolean(live);
  if (model.package) write_package(*model.package, json);
  if (!model.package && model.error) json.key("error").string(model.error->message);
  json.end_object();
}

/// One that came from a registry: it is in memory, and its package is not looked at here.
void write_live(const registry::ModelDescription& model, JsonWriter& json) {
  json.begin_object().key("model_id").string(model.model_id).key("state").string("sound").key("live").boolean(true);
  json.key("task").string(vision::to_string(model.task));
  write_input(model.input, json);
  json.end_object();
}

std::string catalog_json(const ModelCatalog::Summaries& summaries, const registry::ModelRegistry& registry) {
  const auto live_models = registry.list();
  std::set<std::string_view> live;
  for (const auto& model : live_models) live.insert(model.model_id);
  std::set<std::string_view> told;
  JsonWriter json;
  json.begin_object().key("models").begin_array();
  for (const auto& summary : summaries) {
    told.insert(summary->model_id);
    write_summary(*summary, live.contains(summary->model_id), json);
  }
  for (const auto& model : live_models) {
    if (!told.contains(model.model_id)) write_live(model, json);
  }
  json.end_array().end_object();
  return std::move(json).take();
}

}  // namespace

void add_catalog_routes(http::Router& router, const RouteContext& context) {
  if (!context.switches.model_registry) {
    // Said here, as the older route would take it for a model's name.
    router.add("GET", "/model/catalog", [](http::Request, http::Responder respond) {
      http::Response response;
      response.status = 404;
      response.body = R"({"detail":"Not Found"})";
      respond(std::move(response));
    });
    return;
  }
  // Not the whole context in what the catalog's thread runs: that owns the catalog.
  router.add("GET", "/model/catalog",
             [&registry = context.registry, clock = context.clock, catalog = context.catalog](http::Request request,
                                                                                              http::Responder respond) {
               auto exchange = std::make_shared<Exchange>(std::move(request), std::move(respond), clock->now());
               if (!catalog) return exchange->answer_json(catalog_json({}, registry));
               catalog->read([exchange, &registry](const ModelCatalog::Summaries& summaries) {
                 exchange->answer_json(catalog_json(summaries, registry));
               });
             });
}

}  // namespace osprey::server
