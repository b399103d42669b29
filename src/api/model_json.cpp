#include "api/model_json.hpp"

#include <algorithm>
#include <utility>

#include "api/json_writer.hpp"

namespace osprey::api {
namespace {

void write_optional(std::optional<int> value, JsonWriter& json) {
  if (value) {
    json.integer(*value);
  } else {
    json.null();
  }
}

void write_texts(const char* key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(key).begin_array();
  for (const auto& text : texts) json.string(text);
  json.end_array();
}

void write_failure(const ModelFailure& failure, JsonWriter& json) {
  json.key("reason").string(failure.reason).key("retry_seconds").number(failure.retry_seconds);
}

std::string_view task_type(vision::Task task) {
  return vision::to_string(task == vision::Task::multi_label_classification ? vision::Task::classification : task);
}

}  // namespace

std::string models_json(std::span<const ModelEntry> models) {
  JsonWriter json;
  json.begin_object().key("models").begin_array();
  for (const auto& model : models) {
    json.begin_object().key("model_id").string(model.model_id).key("task_type").string(task_type(model.task));
    json.key("batch_size").null();
    json.key("input_height");
    write_optional(model.input ? std::optional(model.input->height) : std::nullopt, json);
    json.key("input_width");
    write_optional(model.input ? std::optional(model.input->width) : std::nullopt, json);
    json.key("vram_bytes").null();
    write_texts("request_aliases", model.request_aliases, json);
    write_texts("request_paths", model.request_paths, json);
    if (model.failure) {
      json.key("out_of_service").begin_object();
      write_failure(*model.failure, json);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
  for (const char* gpu_field : {"total_vram_bytes", "gpu_memory_used", "gpu_memory_total", "torch_cuda_allocated",
                                "torch_cuda_reserved", "torch_cuda_allocator_cache", "non_torch_gpu_memory"}) {
    json.key(gpu_field).null();
  }
  json.end_object();
  return std::move(json).take();
}

std::string readiness_json(bool ready, std::string_view reason, std::span<const ModelEntry> models) {
  JsonWriter json;
  json.begin_object().key("status").string(ready ? "ready" : "not ready");
  if (!reason.empty()) json.key("reason").string(reason);
  if (std::any_of(models.begin(), models.end(), [](const ModelEntry& model) { return model.failure.has_value(); })) {
    json.key("models_out").begin_array();
    for (const auto& model : models) {
      if (!model.failure) continue;
      json.begin_object().key("model_id").string(model.model_id);
      write_failure(*model.failure, json);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return std::move(json).take();
}

std::string info_json(std::string_view version, std::string_view uuid) {
  JsonWriter json;
  json.begin_object().key("name").string("Osprey Inference Server");
  json.key("version").string(version).key("uuid").string(uuid).end_object();
  return std::move(json).take();
}

}  // namespace osprey::api
