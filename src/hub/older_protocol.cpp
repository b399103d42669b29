#include "hub/older_protocol.hpp"

#include <utility>

#include "fetch/url_text.hpp"
#include "hub/json_text.hpp"

namespace osprey::hub {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxClasses = 100'000;

bool is_url(const std::string& text) {
  return text.size() <= kMaxUrl && fetch::is_http_url(text);
}

Error missing(const std::string& what) {
  return {Code::data_corrupted, "the answer has no " + what};
}

/// What both answers have under the same names.
Result<OlderModel> read_model(const json& answer, const char* task_name, const std::string& model_url) {
  OlderModel model;
  model.type.task = text_member(answer, task_name).value_or("");
  if (model.type.task.empty()) return missing(task_name);
  model.type.architecture = text_member(answer, "modelType").value_or("");
  if (model.type.architecture.empty() || model.type.architecture == "ort") {
    model.type.architecture = default_architecture(model.type.task);
  }
  model.model_url = model_url;
  if (!is_url(model.model_url)) return missing("URL of the model");
  if (const json* environment = member(answer, "environment"); environment != nullptr && environment->is_object()) {
    model.environment = to_text(*environment);
  } else {
    model.environment_url = text_member(answer, "environment").value_or("");
    if (!is_url(model.environment_url)) return missing("environment");
  }
  if (const json* classes = member(answer, "classes"); classes != nullptr && classes->is_array()) {
    if (classes->size() > kMaxClasses) return Error{Code::data_corrupted, "the answer has too many classes"};
    for (const json& name : *classes) {
      if (!name.is_string()) return Error{Code::data_corrupted, "the answer's classes are not all texts"};
      model.classes.push_back(name.get<std::string>());
    }
  }
  if (const json* colors = member(answer, "colors"); colors != nullptr && colors->is_object()) {
    for (const auto& [name, color] : colors->items()) {
      if (color.is_string()) model.colors[name] = color.get<std::string>();
    }
  }
  if (const json* keypoints = member(answer, "keypoints_metadata"); keypoints != nullptr && keypoints->is_array()) {
    model.keypoints_metadata = to_text(*keypoints);
  }
  return model;
}

}  // namespace

Result<OlderModel> parse_ort(std::string_view text) {
  auto root = parse_json_object(text);
  if (!root) return std::move(root).error();
  const json* ort = member(*root, "ort");
  if (ort == nullptr || !ort->is_object()) return missing("ort");
  return read_model(*ort, "type", text_member(*ort, "model").value_or(""));
}

Result<OlderModel> parse_get_weights(std::string_view text) {
  auto root = parse_json_object(text);
  if (!root) return std::move(root).error();
  const json* files = member(*root, "modelFiles");
  const json* ort = files == nullptr ? nullptr : member(*files, "ort");
  return read_model(*root, "taskType", ort == nullptr ? "" : text_member(*ort, "model").value_or(""));
}

Result<std::map<std::string, std::string>> make_older_files(const OlderModel& model, std::string_view environment) {
  auto parsed = parse_json_object(environment);
  if (!parsed) return std::move(parsed).error().with_context("environment.json");
  std::map<std::string, std::string> files;
  if (!model.colors.empty() && member(*parsed, "COLORS") == nullptr) {
    (*parsed)["COLORS"] = model.colors;
    files["environment.json"] = to_text(*parsed);
  } else {
    files["environment.json"] = environment;
  }
  files["model_type.json"] = to_text({{"project_task_type", model.type.task}, {"model_type", model.type.architecture}});
  // A classifier's order of classes is its CLASS_MAP's, as in the reference.
  const bool has_class_map = member(*parsed, "CLASS_MAP") != nullptr;
  if (!model.classes.empty() && !(has_class_map && model.type.task == "classification")) {
    std::string lines;
    for (const std::string& name : model.classes) {
      if (name.find_first_of("\r\n") != std::string::npos) {
        return Error{Code::data_corrupted, "a class name of the registry has a line break in it"};
      }
      lines += name + '\n';
    }
    files["class_names.txt"] = std::move(lines);
  }
  if (!model.keypoints_metadata.empty()) files["keypoints_metadata.json"] = model.keypoints_metadata;
  return files;
}

}  // namespace osprey::hub
