#include "api/openapi.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "api/field_rules.hpp"
#include "api/openapi_answers.hpp"

namespace osprey::api {
namespace {

using Json = nlohmann::ordered_json;

// A grey 2 x 2 PNG: small enough to read, and every model answers it.
constexpr const char* kExampleImage =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR42mNsYGBiYAAAApIAhOoU7S4AAAAASUVORK5CYII=";

Json reference(const std::string& name) {
  return {{"$ref", "#/components/schemas/" + name}};
}

Json json_content(Json schema) {
  return {{"application/json", {{"schema", std::move(schema)}}}};
}

Json answer(const char* description, Json schema) {
  return {{"description", description}, {"content", json_content(std::move(schema))}};
}

/// The schema of a field. Text is taken for numbers and booleans, as the parser does, but not advertised.
Json type_schema(FieldType type) {
  switch (type) {
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::integer: return {{"type", "integer"}};
    case FieldType::number: return {{"type", "number"}};
    case FieldType::text: return {{"type", "string"}};
    case FieldType::text_list: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case FieldType::confidence:
      return {{"anyOf", {{{"type", "number"}}, {{"type", "string"}, {"enum", {"best", "default"}}}}}};
    case FieldType::mask_format: return {{"type", "string"}, {"enum", {"polygon", "rle"}}};
    case FieldType::semantic_mask_format: return {{"type", "string"}, {"enum", {"base64_png", "numpy"}}};
    case FieldType::format: return {{"type", "string"}};
  }
  return {};
}

Json field_schema(const FieldRule& rule) {
  Json schema = type_schema(rule.type);
  if (rule.nullable) schema = {{"anyOf", {std::move(schema), {{"type", "null"}}}}};
  schema["default"] = Json::parse(rule.default_json);
  schema["description"] = rule.description;
  return schema;
}

Json body_schema(Route route) {
  Json properties = {
      {"model_id", {{"type", "string"}, {"description", "project/version"}}},
      {"image",
       {{"anyOf", {reference("Image"), {{"type", "array"}, {"items", reference("Image")}}}},
        {"description", "An image, or a list: then the answer is a list, too"}}},
      {"id", {{"type", "string"}, {"description", "Echoed as inference_id; a random UUID when it is left out"}}},
  };
  for (const auto& rule : field_rules()) {
    if (!rule.body_name.empty() && (rule.routes & route_bit(route)) != 0)
      properties[std::string(rule.body_name)] = field_schema(rule);
  }
  return {{"type", "object"}, {"required", {"model_id", "image"}}, {"properties", std::move(properties)}};
}

Json query_parameters() {
  Json parameters = Json::array();
  const auto add = [&](std::string_view name, const char* where, Json schema, std::string_view description) {
    parameters.push_back({{"name", name},
                          {"in", where},
                          {"required", std::string_view(where) == "path"},
                          {"schema", std::move(schema)},
                          {"description", description}});
  };
  add("project", "path", {{"type", "string"}, {"minLength", 1}}, "First part of the model's id");
  add("version", "path", {{"type", "string"}, {"minLength", 1}}, "Second part of the model's id");
  add("image", "query", {{"type", "string"}}, "URL of an image; then there is no body");
  add("image_type", "query", {{"type", "string"}, {"default", "base64"}},
      "What the body is: base64 or numpy (a pickle)");
  for (const auto& rule : field_rules()) {
    if (rule.query_name.empty()) continue;
    Json schema = type_schema(rule.type);
    const Json value = Json::parse(rule.default_json);
    if (!value.is_null()) schema["default"] = value;
    add(rule.query_name, "query", std::move(schema), rule.description);
  }
  return parameters;
}

/// What every route that predicts may answer besides its predictions.
Json with_refusals(Json answers) {
  const Json message = reference("Message");
  answers["400"] = answer("The image or the model id cannot be used", message);
  answers["403"] = answer("The package is not to be served", message);
  answers["404"] = answer("No such model", message);
  answers["413"] = answer("Larger than a limit", message);
  answers["422"] = answer("A field does not fit", reference("ValidationError"));
  answers["500"] = answer("The model or the server is at fault", message);
  answers["501"] = answer("The model's network is not supported", message);
  answers["503"] = answer("No capacity now; Retry-After tells when to try again", message);
  return answers;
}

Json infer_operation(const char* summary, const std::string& schema, Route route, std::string_view model) {
  const Json example = {{"model_id", model}, {"image", {{"type", "base64"}, {"value", kExampleImage}}}};
  const Json one = {{"anyOf", {reference(schema), {{"type", "array"}, {"items", reference(schema)}}}}};
  return {{"summary", summary},
          {"tags", {"predict"}},
          {"requestBody",
           {{"required", true},
            {"content", {{"application/json", {{"schema", body_schema(route)}, {"example", example}}}}}}},
          // A model of another task answers in its own task's shape, whatever the route.
          {"responses",
           with_refusals({{"200", answer("The predictions",
                                         {{"anyOf",
                                           {one,
                                            reference("AnyPrediction"),
                                            {{"type", "array"}, {"items", reference("AnyPrediction")}}}}})}})}};
}

Json legacy_operation(bool has_body) {
  Json operation = {{"summary", has_body ? "Predict, with the image as the body" : "Predict, with the image by URL"},
                    {"tags", {"predict"}},
                    {"parameters", query_parameters()}};
  if (has_body) {
    operation["requestBody"] = {
        {"content",
         {{"application/x-www-form-urlencoded",
           {{"schema", {{"type", "string"}, {"description", "The bare base64 text, not a form"}}},
            {"example", kExampleImage}}},
          {"text/plain", {{"schema", {{"type", "string"}}}, {"example", kExampleImage}}},
          {"multipart/form-data",
           {{"schema",
             {{"type", "object"},
              {"required", {"file"}},
              {"properties", {{"file", {{"type", "string"}, {"format", "binary"}}}}}}}}}}}};
  }
  Json answers =
      with_refusals({{"200", answer("The predictions; a JPEG with format=image", reference("AnyPrediction"))}});
  answers["200"]["content"]["image/jpeg"] = {{"schema", {{"type", "string"}, {"format", "binary"}}}};
  operation["responses"] = std::move(answers);
  return operation;
}

Json model_body(std::string_view model) {
  const Json schema = {{"type", "object"},
                       {"required", {"model_id"}},
                       {"properties",
                        {{"model_id", {{"type", "string"}}},
                         {"model_type", {{"anyOf", {{{"type", "string"}}, {{"type", "null"}}}}}},
                         {"api_key", {{"anyOf", {{{"type", "string"}}, {{"type", "null"}}}}}}}}};
  return {{"required", true},
          {"content", {{"application/json", {{"schema", schema}, {"example", {{"model_id", model}}}}}}}};
}

Json plain_operation(const char* summary, const char* tag, Json answers) {
  return {{"summary", summary}, {"tags", {tag}}, {"responses", std::move(answers)}};
}

Json paths(std::string_view model) {
  Json all;
  const auto predict = [&](const char* path, const char* summary, const char* schema, Route route) {
    all[path]["post"] = infer_operation(summary, schema, route, model);
  };
  predict("/infer/object_detection", "Find objects", "ObjectDetection", Route::object_detection);
  predict("/infer/instance_segmentation", "Find objects and their outlines", "InstanceSegmentation",
          Route::instance_segmentation);
  predict("/infer/classification", "Name what an image shows", "Classification", Route::classification);
  predict("/infer/keypoints_detection", "Find objects and their keypoints", "Keypoints", Route::keypoints_detection);
  predict("/infer/semantic_segmentation", "Name every pixel", "SemanticSegmentation", Route::semantic_segmentation);
  all["/{project}/{version}"]["post"] = legacy_operation(true);
  all["/{project}/{version}"]["get"] = legacy_operation(false);

  const Json models = answer("Models in memory", reference("Models"));
  const Json problem = answer("A field does not fit", reference("ValidationError"));
  all["/model/registry"]["get"] = plain_operation("Models in memory", "models", {{"200", models}});
  all["/model/add"]["post"] = plain_operation("Load a model", "models", with_refusals({{"200", models}}));
  all["/model/add"]["post"]["requestBody"] = model_body(model);
  all["/model/remove"]["post"] = plain_operation("Unload a model", "models", {{"200", models}, {"422", problem}});
  all["/model/remove"]["post"]["requestBody"] = model_body(model);
  all["/model/clear"]["post"] = plain_operation("Unload all models", "models", {{"200", models}});
  all["/clear_cache"]["get"] =
      plain_operation("Unload all models", "models", {{"200", answer("Done", {{"type", "string"}})}});

  const Json status = answer(
      "Its state", {{"type", "object"}, {"required", {"status"}}, {"properties", {{"status", {{"type", "string"}}}}}});
  all["/info"]["get"] =
      plain_operation("Name and version", "server", {{"200", answer("About the server", reference("Info"))}});
  all["/healthz"]["get"] = plain_operation("Whether it lives", "server", {{"200", status}});
  all["/readiness"]["get"] = plain_operation("Whether it takes requests", "server", {{"200", status}, {"503", status}});
  return all;
}

}  // namespace

std::string openapi_json(std::string_view version, std::string_view example_model) {
  const Json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Osprey Inference Server"},
        {"description",
         "Predictions of computer-vision models. Images are sent as base64, by URL, as a form or as pickled arrays."},
        {"license", {{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}},
        {"version", version}}},
      {"paths", paths(example_model)},
      {"components", {{"schemas", Json::parse(kAnswerSchemas)}}},
  };
  return document.dump();
}

}  // namespace osprey::api
