#include "oip/rest/answers.hpp"

#include <utility>
#include <vector>

#include "api/json_writer.hpp"
#include "oip/rest/infer_body.hpp"
#include "oip/rest/tensor_data.hpp"

namespace osprey::oip {
namespace {

using api::JsonWriter;

void write_shape(std::string_view key, std::span<const std::int64_t> shape, JsonWriter& json) {
  json.key(key).begin_array();
  for (const auto dimension : shape) json.integer(dimension);
  json.end_array();
}

void write_tensors(std::string_view key, std::span<const TensorMetadata> tensors, JsonWriter& json) {
  json.key(key).begin_array();
  for (const auto& tensor : tensors) {
    json.begin_object().key("name").string(tensor.name).key("datatype").string(to_string(tensor.datatype));
    write_shape("shape", tensor.shape, json);
    json.end_object();
  }
  json.end_array();
}

void write_config_tensors(std::string_view key, std::span<const TensorMetadata> tensors, bool batched,
                          JsonWriter& json) {
  json.key(key).begin_array();
  for (const auto& tensor : tensors) {
    const auto type = tensor.datatype == DataType::bytes ? "STRING" : to_string(tensor.datatype);
    json.begin_object().key("name").string(tensor.name).key("data_type").string("TYPE_" + std::string(type));
    // With a batch size the first dimension goes without saying.
    write_shape("dims", std::span(tensor.shape).subspan(batched && !tensor.shape.empty() ? 1 : 0), json);
    json.end_object();
  }
  json.end_array();
}

void write_parameter(const Parameter& parameter, JsonWriter& json) {
  if (const auto* flag = std::get_if<bool>(&parameter)) {
    json.boolean(*flag);
  } else if (const auto* integer = std::get_if<std::int64_t>(&parameter)) {
    json.integer(*integer);
  } else if (const auto* number = std::get_if<double>(&parameter)) {
    json.number(*number);
  } else {
    json.string(std::get<std::string>(parameter));
  }
}

}  // namespace

std::string error_json(std::string_view message) {
  JsonWriter json;
  json.begin_object().key("error").string(message).end_object();
  return std::move(json).take();
}

std::string server_json(const ServerMetadata& server) {
  JsonWriter json;
  json.begin_object().key("name").string(server.name).key("version").string(server.version);
  json.key("extensions").begin_array();
  for (const auto& extension : server.extensions) json.string(extension);
  json.end_array().end_object();
  return std::move(json).take();
}

std::string model_json(const ModelMetadata& model) {
  JsonWriter json;
  json.begin_object().key("name").string(model.name).key("versions").begin_array();
  for (const auto& version : model.versions) json.string(version);
  json.end_array().key("platform").string(model.platform);
  write_tensors("inputs", model.inputs, json);
  write_tensors("outputs", model.outputs, json);
  json.end_object();
  return std::move(json).take();
}

std::string config_json(const ModelMetadata& model) {
  JsonWriter json;
  json.begin_object().key("name").string(model.name).key("platform").string(model.platform);
  json.key("backend").string(model.backend);
  json.key("max_batch_size").integer(static_cast<std::int64_t>(model.max_batch_size));
  const bool batched = model.max_batch_size > 0;
  write_config_tensors("input", model.inputs, batched, json);
  write_config_tensors("output", model.outputs, batched, json);
  json.end_object();
  return std::move(json).take();
}

std::string index_json(std::span<const IndexEntry> index) {
  JsonWriter json;
  json.begin_array();
  for (const auto& entry : index) {
    json.begin_object().key("name").string(entry.name);
    if (!entry.version.empty()) json.key("version").string(entry.version);
    json.key("state").string(to_string(entry.state)).key("reason").string(entry.reason).end_object();
  }
  json.end_array();
  return std::move(json).take();
}

Result<InferAnswerBody> infer_answer_body(const InferAnswer& answer, const InferRequest& request) {
  JsonWriter json;
  json.begin_object().key("model_name").string(answer.model_name);
  json.key("model_version").string(answer.model_version);
  if (!answer.id.empty()) json.key("id").string(answer.id);
  if (!answer.parameters.empty()) {
    json.key("parameters").begin_object();
    for (const auto& [name, value] : answer.parameters) {
      json.key(name);
      write_parameter(value, json);
    }
    json.end_object();
  }
  json.key("outputs").begin_array();
  std::vector<const OutputTensor*> binary;
  for (const auto& output : answer.outputs) {
    json.begin_object().key("name").string(output.name).key("datatype").string(to_string(output.datatype));
    write_shape("shape", output.shape, json);
    if (wants_binary(request, output.name)) {
      json.key("parameters").begin_object().key("binary_data_size");
      json.integer(static_cast<std::int64_t>(output.data.size())).end_object();
      binary.push_back(&output);
    } else {
      json.key("data");
      if (auto written = write_tensor_data(output, json); !written) return std::move(written).error();
    }
    json.end_object();
  }
  json.end_array().end_object();
  InferAnswerBody body{std::move(json).take(), std::nullopt};
  if (binary.empty()) return body;
  body.json_size = body.bytes.size();
  std::size_t size = body.bytes.size();
  for (const auto* output : binary) size += output->data.size();
  body.bytes.reserve(size);
  for (const auto* output : binary) body.bytes += output->data;
  return body;
}

}  // namespace osprey::oip
