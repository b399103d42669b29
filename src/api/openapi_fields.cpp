#include "api/openapi_fields.hpp"

#include <string>
#include <utility>
#include <vector>

#include "api/field_rules.hpp"

namespace osprey::api {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const char* name) {
  return {{"$ref", std::string("#/components/schemas/") + name}};
}

Json any_of(Json first, Json second) {
  return {{"anyOf", Json::array({std::move(first), std::move(second)})}};
}

Json words(const std::vector<const char*>& choices) {
  return {{"type", "string"}, {"enum", choices}};
}

/// `integer` and `number`: how the place where the field stands writes those.
Json type_schema(FieldType type, const Json& integer, const Json& number) {
  switch (type) {
    case FieldType::boolean: return reference("Boolean");
    case FieldType::integer: return integer;
    case FieldType::number: return number;
    case FieldType::confidence: return any_of(number, words({"best", "default"}));
    case FieldType::text_list: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case FieldType::mask_format: return words({"polygon", "rle"});
    case FieldType::semantic_mask_format: return words({"base64_png", "numpy"});
    case FieldType::mask_decode_mode: return words({"accurate", "fast", "tradeoff"});
    case FieldType::text:
    case FieldType::format: break;
  }
  return {{"type", "string"}};
}

/// In JSON a value has a type, and other types stand for it.
Json body_type(FieldType type) {
  return type_schema(type, reference("Integer"), reference("Number"));
}

/// In a query everything is text.
Json query_type(FieldType type) {
  return type_schema(type, {{"type", "integer"}}, {{"type", "number"}});
}

Json field_schema(const FieldRule& rule) {
  Json schema = body_type(rule.type);
  if (rule.nullable) {
    if (schema.contains("anyOf")) {
      schema["anyOf"].push_back({{"type", "null"}});
    } else {
      schema = any_of(std::move(schema), {{"type", "null"}});
    }
  }
  schema["default"] = Json::parse(rule.default_json);
  schema["description"] = rule.description;
  return schema;
}

}  // namespace

Json parameter(std::string_view name, std::string_view where, Json schema, std::string_view description) {
  return {{"name", name},
          {"in", where},
          {"required", where == "path"},
          {"schema", std::move(schema)},
          {"description", description}};
}

Json body_schema(Route route) {
  Json properties = {
      {"model_id", reference("ModelId")},
      {"image",
       {{"anyOf", {reference("Image"), {{"type", "array"}, {"items", reference("Image")}, {"minItems", 1}}}},
        {"description", "An image, or a list: then the answer is a list, too"}}},
      {"id", {{"type", "string"}, {"description", "Echoed as inference_id; a random UUID when it is left out"}}},
  };
  for (const auto& rule : field_rules()) {
    if (!rule.body_name.empty() && (rule.routes & route_bit(route)) != 0)
      properties[std::string(rule.body_name)] = field_schema(rule);
  }
  return {{"type", "object"}, {"required", {"model_id", "image"}}, {"properties", std::move(properties)}};
}

Json legacy_query_parameters() {
  Json parameters = Json::array();
  for (const auto& rule : field_rules()) {
    if (rule.query_name.empty()) continue;
    Json schema = query_type(rule.type);
    if (const Json value = Json::parse(rule.default_json); !value.is_null()) schema["default"] = value;
    parameters.push_back(parameter(rule.query_name, "query", std::move(schema), rule.description));
  }
  return parameters;
}

}  // namespace osprey::api
