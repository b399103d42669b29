#include "api/openapi.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "api/openapi_answers.hpp"
#include "api/openapi_components.hpp"
#include "api/openapi_fields.hpp"

namespace osprey::api {
namespace {

using Json = nlohmann::ordered_json;

// A grey 2 x 2 PNG: small enough to read, and every model answers it.
constexpr const char* kExampleImage =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR42mNsYGBiYAAAApIAhOoU7S4AAAAASUVORK5CYII=";

Json reference(const std::string& name) {
  return {{"$ref", "#/components/schemas/" + name}};
}

Json refusal(const char* name) {
  return {{"$ref", std::string("#/components/responses/") + name}};
}

Json answer(const char* description, Json schema) {
  return {{"description", description}, {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

Json with_model_headers(Json answer) {
  const auto header = [](const char* name) { return Json{{"$ref", std::string("#/components/headers/") + name}}; };
  answer["headers"] = {{"X-Model-Id", header("ModelId")},
                       {"X-Model-Cold-Start", header("ColdStart")},
                       {"X-Model-Cold-Start-Count", header("ColdStartCount")},
                       {"X-Model-Load-Time", header("LoadTime")},
                       {"X-Model-Load-Details", header("LoadDetails")}};
  return answer;
}

/// What a route that loads a model may answer besides 200.
Json with_refusals(Json answers) {
  for (const auto& [status, name] :
       {std::pair("400", "BadRequest"), std::pair("401", "Unauthorized"), std::pair("402", "PaymentRequired"),
        std::pair("403", "Forbidden"), std::pair("404", "NotFound"), std::pair("413", "TooLarge"),
        std::pair("422", "Invalid"), std::pair("423", "Locked"), std::pair("500", "ServerError"),
        std::pair("501", "Unsupported"), std::pair("502", "RegistryFailed"), std::pair("503", "Overloaded"),
        std::pair("504", "RegistryTimeout")}) {
    answers[status] = refusal(name);
  }
  return answers;
}

Json infer_operation(const char* summary, const std::string& schema, Route route, std::string_view model) {
  const Json example = {{"model_id", model}, {"image", {{"type", "base64"}, {"value", kExampleImage}}}};
  // A model of another task answers in its own task's shape, whatever the route.
  const Json answers = {{"anyOf",
                         {reference(schema),
                          {{"type", "array"}, {"items", reference(schema)}},
                          reference("AnyPrediction"),
                          {{"type", "array"}, {"items", reference("AnyPrediction")}}}}};
  return {{"summary", summary},
          {"tags", {"predict"}},
          {"requestBody",
           {{"required", true},
            {"content", {{"application/json", {{"schema", body_schema(route)}, {"example", example}}}}}}},
          {"responses", with_refusals({{"200", with_model_headers(answer("The predictions", answers))}})}};
}

/// The parameters of a path with a model's id in it. The example: those of `model`.
Json path_parameters(std::string_view model) {
  const auto slash = model.find('/');
  const auto version = slash == std::string_view::npos ? "1" : model.substr(slash + 1);
  const Json segment = {{"type", "string"}, {"pattern", R"(^[^/\\\x00-\x1f\x7f]{1,200}$)"}};
  Json parameters = {parameter("dataset_id", "path", segment, "First part of the model's id"),
                     parameter("version_id", "path", segment, "Second part of the model's id")};
  parameters[0]["example"] = model.substr(0, slash);
  parameters[1]["example"] = version;
  return parameters;
}

Json legacy_path(std::string_view model) {
  Json answers =
      with_refusals({{"200", with_model_headers(answer("The predictions; a JPEG with format=image (empty for semantic "
                                                       "segmentation)",
                                                       reference("AnyPrediction")))}});
  answers["200"]["content"]["image/jpeg"] = {{"schema", {{"type", "string"}, {"format", "binary"}}}};

  Json path = {{"parameters", path_parameters(model)}};
  for (auto& shared : legacy_query_parameters()) path["parameters"].push_back(std::move(shared));

  auto url = parameter("image", "query", {{"type", "string"}},
                       "Address of an image, or a data URI; then the body is not looked at");
  Json post_parameters = {url, parameter("image_type", "query",
                                         {{"type", "string"},
                                          {"pattern", "^([bB][aA][sS][eE]64|[nN][uU][mM][pP][yY]|[uU][rR][lL])$"},
                                          {"default", "base64"}},
                                         "What the body is: base64, numpy (the pickle itself) or url")};
  const Json text = {{"type", "string"}, {"description", "The bare base64 text"}};
  path["post"] = {{"summary", "Predict, with the image as the body"},
                  {"tags", {"predict"}},
                  {"parameters", std::move(post_parameters)},
                  {"requestBody",
                   {{"description", "Needed where the query has no image"},
                    {"content",
                     {{"text/plain", {{"schema", text}, {"example", kExampleImage}}},
                      {"application/x-www-form-urlencoded", {{"schema", text}, {"example", kExampleImage}}},
                      {"application/json", {{"schema", text}, {"example", kExampleImage}}},
                      {"multipart/form-data",
                       {{"schema",
                         {{"type", "object"},
                          {"required", {"file"}},
                          {"properties", {{"file", {{"type", "string"}, {"format", "binary"}}}}}}}}}}}}},
                  {"responses", answers}};

  url["required"] = true;
  url["description"] = "Address of an image, or a data URI";
  url["example"] = std::string("data:image/png;base64,") + kExampleImage;
  path["get"] = {{"summary", "Predict, with the image by URL"},
                 {"tags", {"predict"}},
                 {"parameters", {std::move(url)}},
                 {"responses", answers}};
  return path;
}

/// `id`: the schema of model_id.
Json model_body(std::string_view model, Json id) {
  const Json text_or_null = {{"anyOf", {{{"type", "string"}}, {{"type", "null"}}}}};
  const Json schema = {
      {"type", "object"},
      {"required", {"model_id"}},
      {"properties", {{"model_id", std::move(id)}, {"model_type", text_or_null}, {"api_key", text_or_null}}}};
  return {{"required", true},
          {"content", {{"application/json", {{"schema", schema}, {"example", {{"model_id", model}}}}}}}};
}

Json operation(const char* summary, const char* tag, Json answers) {
  return {{"summary", summary}, {"tags", {tag}}, {"responses", std::move(answers)}};
}

void add_prediction_paths(Json& all, std::string_view model) {
  const auto predict = [&](const char* path, const char* summary, const char* schema, Route route) {
    all[path]["post"] = infer_operation(summary, schema, route, model);
  };
  predict("/infer/object_detection", "Find objects", "ObjectDetection", Route::object_detection);
  predict("/infer/instance_segmentation", "Find objects and their outlines", "InstanceSegmentation",
          Route::instance_segmentation);
  predict("/infer/classification", "Name what an image shows", "Classification", Route::classification);
  predict("/infer/keypoints_detection", "Find objects and their keypoints", "Keypoints", Route::keypoints_detection);
  predict("/infer/semantic_segmentation", "Name every pixel", "SemanticSegmentation", Route::semantic_segmentation);
  all["/{dataset_id}/{version_id}"] = legacy_path(model);
}

void add_model_paths(Json& all, std::string_view model) {
  const Json models = answer("Models in memory", reference("Models"));
  all["/model/registry"]["get"] = operation("Models in memory", "models", {{"200", models}});
  all["/model/catalog"]["get"] =
      operation("Models that can be asked for, loaded or not", "models",
                {{"200", answer("Those of the models folder, and what else is in memory", reference("Catalog"))},
                 {"404", answer("Not told by this server; GET_MODEL_REGISTRY_ENABLED tells", reference("Detail"))}});
  all["/model/add"]["post"] = operation("Load a model", "models", with_refusals({{"200", models}}));
  all["/model/add"]["post"]["requestBody"] = model_body(model, reference("ModelId"));
  all["/model/remove"]["post"] = operation(
      "Unload a model", "models", {{"200", models}, {"413", refusal("TooLarge")}, {"422", refusal("Invalid")}});
  // An id that is no model's is as good as one that is not loaded.
  all["/model/remove"]["post"]["requestBody"] = model_body(model, {{"type", "string"}});
  all["/model/clear"]["post"] = operation("Unload all models", "models", {{"200", models}});
  all["/clear_cache"]["get"] =
      operation("Unload all models", "models", {{"200", answer("Done", {{"type", "string"}})}});
  all["/start/{dataset_id}/{version_id}"] = {
      {"parameters", path_parameters(model)},
      {"get", operation("Load a model", "models", with_refusals({{"200", answer("Loaded", reference("Started"))}}))}};
  all["/start/{dataset_id}/{version_id}"]["parameters"].push_back(
      parameter("api_key", "query", {{"type", "string"}}, "Key for the model registry"));
}

/// The operator's own models; each answers 403 where the server was not started to let them be managed.
void add_own_model_paths(Json& all, std::string_view model) {
  const auto with_own_refusals = [](Json answers) {
    for (const auto& [status, name] :
         {std::pair("400", "BadRequest"), std::pair("401", "Unauthorized"), std::pair("403", "Forbidden"),
          std::pair("404", "NotFound"), std::pair("413", "TooLarge"), std::pair("500", "ServerError"),
          std::pair("503", "Overloaded")}) {
      answers[status] = refusal(name);
    }
    return answers;
  };
  all["/models"]["get"] = operation("Own models in the models folder", "own models",
                                    with_own_refusals({{"200", answer("All of them", reference("OwnModels"))}}));
  auto& one = all["/models/{dataset_id}/{version_id}"];
  one["parameters"] = path_parameters(model);
  one["put"] = operation("Add a model, or with force=true replace it", "own models",
                         with_own_refusals({{"200", answer("Replaced", reference("OwnModel"))},
                                            {"201", answer("Added", reference("OwnModel"))}}));
  one["put"]["description"] =
      "The body is the ONNX file, or a form with it as weights. What the file does not tell of itself can be said in "
      "the "
      "query or the form: classes (names, by commas) and the fields of model.json.";
  const Json file = {{"type", "string"}, {"format", "binary"}};
  one["put"]["requestBody"] = {
      {"required", true},
      {"content",
       {{"application/octet-stream", {{"schema", file}}},
        {"multipart/form-data",
         {{"schema", {{"type", "object"}, {"required", {"weights"}}, {"properties", {{"weights", file}}}}}}}}}};
  one["delete"] = operation("Remove a model and its files", "own models",
                            with_own_refusals({{"200", answer("Removed", reference("Removed"))}}));
}

void add_server_paths(Json& all) {
  const Json state = answer("Its state", reference("State"));
  all["/info"]["get"] =
      operation("Name and version", "server", {{"200", answer("About the server", reference("Info"))}});
  all["/healthz"]["get"] = operation("Whether it lives", "server", {{"200", state}, {"503", state}});
  all["/readiness"]["get"] = operation("Whether it takes requests", "server", {{"200", state}, {"503", state}});
  const Json metrics = {{"description", "Prometheus' text format"},
                        {"content", {{"text/plain", {{"schema", {{"type", "string"}}}}}}}};
  all["/metrics"]["get"] = operation("Counts and times", "server", {{"200", metrics}});

  auto& logs = all["/logs"]["get"];
  logs = operation("What the server wrote to its log lately", "server",
                   {{"200", answer("Oldest first", reference("Logs"))},
                    {"404", answer("Not kept; ENABLE_IN_MEMORY_LOGS keeps them", reference("Detail"))},
                    {"422", refusal("Invalid")}});
  logs["parameters"] = {
      parameter("limit", "query", {{"type", "integer"}, {"default", 100}}, "Most entries to tell; the newest"),
      parameter("level", "query", {{"type", "string"}}, "Only entries of this level, such as ERROR"),
      parameter("since", "query", {{"type", "string"}}, "Only entries after this time, ISO 8601")};

  all["/device/stats"]["get"] =
      operation("What the container uses", "server",
                {{"404", answer("Not read by this server; the hint says what is", reference("NoStats"))}});
}

/// Every answer has a request id.
void add_request_id(Json& answers) {
  for (auto& one : answers) {
    if (!one.contains("$ref")) one["headers"]["X-Request-ID"] = {{"$ref", "#/components/headers/RequestId"}};
  }
}

/// What a server with keys of its own answers without one; `public_route`: not there.
void add_access(Json& operation, bool public_route) {
  if (public_route) {
    operation["security"] = Json::array();
  } else {
    operation["responses"]["401"] = refusal("Unauthorized");
  }
}

Json paths(std::string_view model) {
  Json all;
  add_prediction_paths(all, model);
  add_model_paths(all, model);
  add_own_model_paths(all, model);
  add_server_paths(all);
  for (auto& [path, item] : all.items()) {
    const bool public_route = path == "/info" || path == "/healthz" || path == "/readiness" || path == "/metrics";
    for (const char* method : {"get", "post", "put", "delete"}) {
      if (!item.contains(method)) continue;
      add_access(item[method], public_route);
      add_request_id(item[method]["responses"]);
    }
  }
  return all;
}

Json components() {
  Json schemas = Json::parse(kValueSchemas);
  schemas.update(Json::parse(kAnswerSchemas));
  Json refusals = Json::parse(kRefusals);
  add_request_id(refusals);
  return {{"schemas", std::move(schemas)},
          {"responses", std::move(refusals)},
          {"headers", Json::parse(kHeaders)},
          {"securitySchemes",
           {{"BearerKey",
             {{"type", "http"}, {"scheme", "bearer"}, {"description", "api_key in the query does as well"}}}}}};
}

}  // namespace

std::string openapi_json(std::string_view version, std::string_view example_model, bool keys_required) {
  Json security = Json::array();
  // An open server needs no key: one is for models of a registry that ask for it.
  if (!keys_required) security.push_back(Json::object());
  security.push_back({{"BearerKey", Json::array()}});
  const Json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Osprey Inference Server"},
        {"description",
         "Predictions of computer-vision models. Images are sent as base64, by URL, as a form or as pickled arrays. "
         "Every GET route answers HEAD, too; fields and parameters that are not named here are ignored."},
        {"license", {{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}},
        {"version", version}}},
      {"paths", paths(example_model)},
      {"components", components()},
      {"security", std::move(security)},
  };
  return document.dump();
}

}  // namespace osprey::api
