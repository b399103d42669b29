// What the API description's operations share and no table tells: how values may be spelled, what is refused, and
// headers.
#pragma once

namespace osprey::api {

/// components/schemas: values of fields in a JSON body. As the reference's framework does, the server takes text and
/// booleans for numbers, and 0, 1 and words for booleans; scalar.cpp is what reads them.
inline constexpr const char* kValueSchemas = R"json({
  "Boolean": {
    "description": "A boolean, or another spelling of one",
    "anyOf": [
      {"type": "boolean"}, {"type": "integer", "enum": [0, 1]},
      {"type": "string", "pattern": "^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[yY][eE][sS]|[nN][oO]|[oO][nN]|[oO][fF][fF]|[tTfFyYnN01])$"}
    ]
  },
  "Integer": {
    "description": "An integer, or text that spells one",
    "anyOf": [
      {"type": "integer"}, {"type": "boolean"},
      {"type": "string", "pattern": "^[ \\t-\\r]*[+-]?[0-9]+(\\.0*)?[ \\t-\\r]*$"}
    ]
  },
  "Number": {
    "description": "A number, or text that spells one",
    "anyOf": [
      {"type": "number"}, {"type": "boolean"},
      {"type": "string", "pattern": "^[ \\t-\\r]*[+-]?([0-9]{1,30}(\\.[0-9]{0,30})?|\\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?[ \\t-\\r]*$"}
    ]
  }
})json";

/// components/responses: what routes refuse, by status.
inline constexpr const char* kRefusals = R"json({
  "BadRequest": {
    "description": "The image, the model id or a combination of options cannot be used",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "Unauthorized": {
    "description": "A key is missing or wrong",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "PaymentRequired": {
    "description": "The model registry asks for payment",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "Forbidden": {
    "description": "The model is not to be served to this caller",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "NotFound": {
    "description": "No such model",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "TooLarge": {
    "description": "Larger than a limit",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "Invalid": {
    "description": "A field does not fit",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ValidationError"}}}
  },
  "Locked": {
    "description": "The model registry has paused this account",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "ServerError": {
    "description": "The model or the server is at fault",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "Unsupported": {
    "description": "The model's network is not supported",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "RegistryFailed": {
    "description": "The model registry failed",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "Overloaded": {
    "description": "No capacity now, the model is out of service, or the model registry cannot be reached",
    "headers": {"Retry-After": {"description": "Seconds to wait before another try", "schema": {"type": "integer"}}},
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  },
  "RegistryTimeout": {
    "description": "The request was not done in time, or the model registry took too long",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
  }
})json";

/// components/headers.
inline constexpr const char* kHeaders = R"json({
  "RequestId": {
    "description": "The request's own X-Request-ID when that is a UUID 4, else a new one",
    "schema": {"type": "string"}
  },
  "ModelId": {"description": "The model that answered", "schema": {"type": "string"}},
  "ColdStart": {
    "description": "Whether this request loaded a model",
    "schema": {"type": "string", "enum": ["true", "false"]}
  },
  "ColdStartCount": {"description": "How many models this request loaded", "schema": {"type": "integer"}},
  "LoadTime": {"description": "Seconds of loading; only when a model was loaded", "schema": {"type": "number"}},
  "LoadDetails": {"description": "The same by model, as JSON", "schema": {"type": "string"}}
})json";

}  // namespace osprey::api
