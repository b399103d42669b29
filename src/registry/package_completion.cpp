#include "registry/package_completion.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "package/architecture.hpp"
#include "package/network_input.hpp"
#include "package/onnx_metadata.hpp"

namespace osprey::registry {
namespace {

using package::ModelJson;
using vision::Task;

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Asks for a field: "best.onnx does not say its task; give --task (a, b, ...)".
Error ask(const NewModel& model, const std::string& what, std::string_view field, const std::string& choices) {
  return {Code::invalid_argument, model.weights_name + " does not say " + what + "; give " +
                                      spelled(field, model.spelling) + (choices.empty() ? "" : " (" + choices + ")")};
}

/// Architectures of one task, or of each.
std::string families(std::optional<Task> task) {
  auto text = package::architecture_choices(task);
  if (const auto colon = text.find(": "); task && colon != std::string::npos) text.erase(0, colon + 2);
  return text;
}

Error ask_for_task_and_family(const NewModel& model, const ModelJson& said, const package::ExportMetadata& metadata) {
  std::string task = "its task";
  if (!metadata.task_name.empty()) task += " (its '" + metadata.task_name.substr(0, 60) + "' is none of ours)";
  if (said.task) return ask(model, "its family", "family", families(said.task));
  if (!said.architecture.empty()) return ask(model, task, "task", package::task_names());
  return ask(model, task + " and family", "task",
             package::task_names() + ") and " + spelled("family", model.spelling) + " (" + families(std::nullopt));
}

/// The number of classes of a network, where its outputs fit just one.
std::optional<std::size_t> fitting_class_count(vision::FamilyConfig config, std::span<const TensorSpec> outputs) {
  constexpr std::size_t kMost = 1500;  // ImageNet's 1000 and then some
  std::optional<std::size_t> fitting;
  const vision::Skeleton skeleton = config.skeletons.empty() ? vision::Skeleton{} : config.skeletons.front();
  const bool with_skeletons = !config.skeletons.empty();
  config.class_names.clear();
  config.skeletons.clear();
  for (std::size_t count = 1; count <= kMost; ++count) {
    config.class_names.push_back(count == 1 ? "background" : "c");
    if (with_skeletons) config.skeletons.push_back(skeleton);
    const auto family = vision::make_family(config);
    if (!family) return std::nullopt;
    if (!(*family)->check_outputs(outputs)) continue;
    if (fitting) return std::nullopt;
    fitting = count;
  }
  return fitting;
}

std::string with_class_count(const ModelJson& said, const GraphInfo& graph, const package::NetworkInput& input,
                             const package::ExportMetadata& metadata) {
  vision::FamilyConfig config;
  config.task = *said.task;
  config.architecture = said.architecture;
  config.fused = said.fused.value_or(metadata.nms);
  config.network = {input.width.value_or(said.width.value_or(0)), input.height.value_or(said.height.value_or(0))};
  if (config.task == Task::keypoint_detection) config.skeletons.assign(1, vision::Skeleton{said.keypoints});
  const auto count = fitting_class_count(std::move(config), graph.outputs);
  return count ? "a file with the names of its " + std::to_string(*count) + " classes, one a line"
               : "a file with their names, one a line, in the network's order";
}

/// The message in the words of those who give fields and not a model.json.
Error in_own_words(Error error, const NewModel& model) {
  constexpr std::string_view kInput = "model.json: input.";
  constexpr std::string_view kFile = "model.json: ";
  auto& text = error.message;
  if (text.starts_with(kInput)) {
    const auto end = std::min(text.find(' ', kInput.size()), text.size());
    text = spelled(text.substr(kInput.size(), end - kInput.size()), model.spelling) + text.substr(end);
  } else if (text.starts_with(kFile)) {
    text.erase(0, kFile.size());
  }
  return error;
}

}  // namespace

std::string spelled(std::string_view field, Spelling spelling) {
  std::string text(field);
  if (spelling == Spelling::parameter) return text;
  std::replace(text.begin(), text.end(), '_', '-');
  return "--" + text;
}

Result<ModelJson> complete(const NewModel& model, const GraphInfo& graph) {
  const auto input = package::read_network_input(graph);
  if (!input) return input.error();
  const auto metadata = package::read_export_metadata(graph.metadata);
  ModelJson said = model.said;
  if (!said.task) said.task = metadata.task;
  if (said.architecture.empty()) said.architecture = metadata.architecture;
  said.architecture = lower_case(std::move(said.architecture));
  if (!said.task || said.architecture.empty()) return ask_for_task_and_family(model, said, metadata);

  // A family that is not known has to be told before its classes are asked for.
  vision::FamilyConfig any;
  any.task = *said.task;
  any.architecture = said.architecture;
  any.class_names = {"background"};
  if (auto family = vision::make_family(std::move(any)); !family && family.error().code == Code::unsupported) {
    return std::move(family).error();
  }
  const bool open = !input->width || !input->height;
  if (open && !said.width && !(metadata.size && *metadata.size)) {
    return ask(model, "the size of its input, which takes any", "input_size",
               "width x height that it was trained with, such as 640x640");
  }
  if (said.task == Task::keypoint_detection && said.keypoints.empty()) {
    if (!metadata.keypoints) return metadata.keypoints.error();
    if (metadata.keypoints->empty()) {
      return ask(model, "its keypoints", "keypoints", "their names in the network's order: nose,tail,...");
    }
  }
  if (said.class_names.empty()) {
    if (!metadata.class_names) return metadata.class_names.error();
    if (metadata.class_names->empty()) {
      if (said.keypoints.empty() && metadata.keypoints) said.keypoints = *metadata.keypoints;
      return ask(model, "its classes", "classes", with_class_count(said, graph, *input, metadata));
    }
  }
  return said;
}

Result<OpenPackage> open_completed(const std::filesystem::path& folder, std::unique_ptr<engine::Graph> graph,
                                   const NewModel& model) {
  auto read = package::read_package(folder, graph->info());
  if (!read) return in_own_words(std::move(read).error(), model);
  auto family = vision::make_family(read->family);
  if (!family) return std::move(family).error();
  const auto& outputs = graph->info().outputs;
  if (auto fits = (*family)->check_outputs(outputs); !fits) {
    auto error = std::move(fits).error();
    const auto named = read->family.class_names.size();
    if (const auto count = fitting_class_count(read->family, outputs)) {
      error.message = std::to_string(named) + " classes are named, but as " + read->family.architecture +
                      " the network has " + std::to_string(*count) + "; give a list of " +
                      spelled("classes", model.spelling) + " with as many names, or another " +
                      spelled("family", model.spelling);
    }
    error.code = Code::invalid_argument;
    return error;
  }
  return OpenPackage{std::move(graph), std::move(read).value(), std::move(family).value()};
}

}  // namespace osprey::registry
