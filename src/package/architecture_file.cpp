#include "package/architecture_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "package/architecture.hpp"
#include "package/files.hpp"
#include "package/json_node.hpp"

namespace osprey::package {
namespace {

using vision::Task;

// What has been learned so far; the first file to name a thing wins.
struct Found {
  std::optional<Task> task;
  std::string architecture;
  std::optional<vision::RecommendedConfidence> recommended;
  bool task_may_be_multi_label = false;
};

struct FileForm {
  const char* name;
  const char* task;
  std::array<const char*, 2> architecture;
  const char* recommended;  // null when the file has none
};

constexpr std::array<FileForm, 3> kForms{{
    {"model_config.json", "task_type", {"model_architecture", nullptr}, "recommended_parameters"},
    {"package.json", "taskType", {"modelArchitecture", "modelVariant"}, "recommendedParameters"},
    {"model_type.json", "project_task_type", {"model_type", nullptr}, nullptr},
}};

vision::RecommendedConfidence read_recommended(const JsonNode& node) {
  vision::RecommendedConfidence recommended;
  if (const JsonNode value = node["confidence"]; value.present()) recommended.confidence = value.number(0, 1);
  for (const char* key : {"perClassConfidence", "per_class_confidence"}) {
    const JsonNode classes = node[key];
    if (!classes.present()) continue;
    if (classes.is_object() && classes.value()->size() > kMaxClassNames) classes.reject("fewer classes are expected");
    for (const auto& [name, value] : classes.members()) recommended.per_class.emplace(name, value.number(0, 1));
  }
  return recommended;
}

Status read_form(const std::filesystem::path& folder, const FileForm& form, Found& found) {
  auto file = JsonFile::read(folder, form.name);
  if (!file) return std::move(file).error();
  if (!file->has_value()) return {};
  const JsonNode root = (*file)->root();

  if (const JsonNode backend = root["backend_type"]; backend.present() && backend.text() != "onnx") {
    backend.problems().add(Code::unsupported, backend.where() + " is not 'onnx'; only ONNX packages can be run");
  }
  if (const JsonNode node = root[form.task]; node.present() && !found.task) {
    found.task = vision::task_from_name(node.text());
    if (!found.task) node.reject("supported: " + task_names());
    const bool server_metadata = std::string_view(form.name) == "model_type.json";
    found.task_may_be_multi_label = server_metadata && found.task == Task::classification;
  }
  for (const char* key : form.architecture) {
    if (key == nullptr || !found.architecture.empty()) continue;
    if (const JsonNode node = root[key]; node.present()) found.architecture = node.text();
  }
  if (form.recommended != nullptr && !found.recommended) {
    if (const JsonNode node = root[form.recommended]; node.present()) found.recommended = read_recommended(node);
  }
  return (*file)->status();
}

Error undecided(const Found& found, const ExportMetadata& metadata) {
  std::string message = "the package does not say ";
  if (!found.task) message += found.architecture.empty() ? "its task and architecture" : "its task";
  if (found.task) message += "its architecture (its task is " + std::string(vision::to_string(*found.task)) + ")";
  if (!found.task && !metadata.task_name.empty()) {
    message += " (the ONNX metadata's task '" + metadata.task_name.substr(0, 60) + "' is none of ours)";
  }
  message +=
      R"(; put a model.json beside the network, such as {"task": "object-detection", "architecture": "yolov8"}. )";
  message += "Architectures for " + architecture_choices(found.task);
  return Error{Code::invalid_argument, std::move(message)};
}

}  // namespace

Result<Architecture> read_architecture(const std::filesystem::path& folder, const std::optional<ModelJson>& model,
                                       const ExportMetadata& metadata) {
  Found found;
  if (model) {
    found.task = model->task;
    found.architecture = model->architecture;
    if (model->confidence) found.recommended = vision::RecommendedConfidence{model->confidence, {}};
  }
  for (const FileForm& form : kForms) {
    if (auto status = read_form(folder, form, found); !status) return std::move(status).error();
  }
  if (!found.task) found.task = metadata.task;
  if (found.architecture.empty()) found.architecture = metadata.architecture;
  if (!found.task || found.architecture.empty()) return undecided(found, metadata);

  std::transform(found.architecture.begin(), found.architecture.end(), found.architecture.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return Architecture{*found.task, std::move(found.architecture),
                      found.recommended.value_or(vision::RecommendedConfidence{}), found.task_may_be_multi_label};
}

}  // namespace osprey::package
