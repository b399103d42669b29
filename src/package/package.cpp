#include "package/package.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "package/architecture.hpp"
#include "package/architecture_file.hpp"
#include "package/environment_json.hpp"
#include "package/files.hpp"
#include "package/inference_config.hpp"
#include "package/json_node.hpp"
#include "package/keypoints.hpp"
#include "package/model_json.hpp"
#include "package/network_input.hpp"
#include "package/onnx_metadata.hpp"
#include "package/package_id.hpp"

namespace osprey::package {
namespace {

namespace fs = std::filesystem;
using vision::Task;

constexpr int kDefaultBatch = 8;
constexpr int kOlderLayoutSide = 640;  // the older layout's when neither network nor file tells
constexpr int kMaxRfdetrSide = 1600;

// The files beside the network, read but not yet put together.
struct Sources {
  std::optional<ModelJson> model;
  std::optional<JsonFile> config;
  std::optional<JsonFile> environment;
  ExportMetadata metadata;
};

Result<Sources> read_sources(const fs::path& folder, const GraphInfo& graph) {
  Sources sources;
  auto model = read_model_json(folder);
  if (!model) return std::move(model).error();
  sources.model = std::move(*model);
  auto config = JsonFile::read(folder, "inference_config.json");
  if (!config) return std::move(config).error();
  sources.config = std::move(*config);
  // Beside the newer layout the older one's file only gives colours, so its faults do not matter there.
  auto environment = JsonFile::read(folder, "environment.json");
  if (environment) {
    sources.environment = std::move(*environment);
  } else if (!sources.config) {
    return std::move(environment).error();
  }
  sources.metadata = read_export_metadata(graph.metadata);
  return sources;
}

// Fills the plan from the layout's own file; returns the size that it wants.
Result<std::optional<vision::Size>> apply_inference_config(const JsonFile& file, bool task_may_be_multi_label,
                                                           Package& package) {
  vision::FamilyConfig& family = package.family;
  auto config = read_inference_config(file, family.architecture);
  if (!config) return std::move(config).error();
  if (task_may_be_multi_label && config->post_processing == PostProcessing::sigmoid) {
    family.task = Task::multi_label_classification;
  }
  if (auto status = check_post_processing(*config, family.task, family.architecture); !status) {
    return std::move(status).error();
  }
  package.preprocess = config->plan;
  package.dynamic_input_size = config->dynamic_input_size;
  package.max_batch_size = config->max_batch_size.value_or(kDefaultBatch);
  family.fused = config->fused;
  family.removed_classes = std::move(config->removed_classes);
  return std::optional(package.preprocess.network);
}

Result<std::optional<vision::Size>> apply_environment(const JsonFile& file, const NetworkInput& input,
                                                      Package& package) {
  vision::FamilyConfig& family = package.family;
  auto environment = read_environment(file, family.task, family.architecture);
  if (!environment) return std::move(environment).error();
  if (environment->multi_label && family.task == Task::classification) family.task = Task::multi_label_classification;
  package.preprocess = environment->plan;
  package.max_batch_size = kDefaultBatch;
  family.class_names = std::move(environment->class_map);
  // The network's own size is the older layout's first word; its file's is only for networks that leave it open.
  const vision::Size open = environment->resize.value_or(vision::Size{kOlderLayoutSide, kOlderLayoutSide});
  return std::optional(vision::Size{input.width.value_or(open.width), input.height.value_or(open.height)});
}

std::optional<vision::Size> apply_defaults(const ExportMetadata& metadata, const NetworkInput& input,
                                           Package& package) {
  vision::FamilyConfig& family = package.family;
  const InputStyle style = input_style(family.architecture);
  package.preprocess = default_plan(style, family.task);
  package.max_batch_size = kDefaultBatch;
  // YOLO classifiers are exported with their softmax.
  family.fused = metadata.nms || (metadata.end2end && !is_nms_free(family.architecture)) ||
                 (family.task == Task::classification && style == InputStyle::yolo);
  if (!metadata.size || !*metadata.size) return std::nullopt;
  const vision::Size open = **metadata.size;
  return vision::Size{input.width.value_or(open.width), input.height.value_or(open.height)};
}

Status fill_class_names(const fs::path& folder, Sources& sources, std::vector<std::string>& names) {
  if (sources.model && !sources.model->class_names.empty()) {
    names = sources.model->class_names;
    return {};
  }
  const std::string file = "class_names.txt";
  auto text = read_text(folder, file);
  if (!text) return std::move(text).error();
  if (text->has_value()) {
    auto parsed = parse_class_names(**text, file);
    if (!parsed) return std::move(parsed).error();
    names = std::move(*parsed);
    return {};
  }
  if (!names.empty()) return {};
  if (!sources.metadata.class_names) return sources.metadata.class_names.error();
  names = *sources.metadata.class_names;
  if (!names.empty()) return {};
  return Error{Code::data_corrupted,
               R"(the package names no classes; put them in class_names.txt, one a line, or in model.json: )"
               R"("classes": ["a", "b"])"};
}

Status fill_skeletons(const fs::path& folder, const Sources& sources, vision::FamilyConfig& family) {
  if (family.task != Task::keypoint_detection) return {};
  const std::size_t count = family.class_names.size();
  std::vector<std::string> keypoints;  // of every class
  if (sources.model && !sources.model->keypoints.empty()) {
    keypoints = sources.model->keypoints;
  } else {
    auto file = JsonFile::read(folder, "keypoints_metadata.json");
    if (!file) return std::move(file).error();
    if (file->has_value()) {
      auto skeletons = read_keypoints(**file, count);
      if (!skeletons) return std::move(skeletons).error();
      family.skeletons = std::move(*skeletons);
      return {};
    }
    if (!sources.metadata.keypoints) return sources.metadata.keypoints.error();
    keypoints = *sources.metadata.keypoints;
  }
  if (keypoints.empty()) {
    return Error{Code::data_corrupted,
                 "the package names no keypoints; keypoints_metadata.json is missing, and neither model.json "
                 R"(("keypoints": ["nose", ...]) nor the ONNX metadata has them)"};
  }
  constexpr std::size_t kMaxNames = 1'000'000;  // both counts come from files
  if (keypoints.size() * count > kMaxNames) {
    return Error{Code::data_corrupted, std::to_string(count) + " classes of " + std::to_string(keypoints.size()) +
                                           " keypoints; at most " + std::to_string(kMaxNames) +
                                           " in all are supported"};
  }
  family.skeletons.assign(count, vision::Skeleton{keypoints});
  return {};
}

Status fill_size(const NetworkInput& input, std::optional<vision::Size> wanted, const Sources& sources,
                 Package& package) {
  const bool rfdetr = input_style(package.family.architecture) == InputStyle::rfdetr;
  if (sources.model && (sources.model->width || sources.model->height)) {
    const vision::Size base = wanted.value_or(vision::Size{input.width.value_or(0), input.height.value_or(0)});
    wanted = vision::Size{sources.model->width.value_or(base.width), sources.model->height.value_or(base.height)};
    if (wanted->width == 0 || wanted->height == 0) {
      return Error{Code::invalid_argument, "model.json: input has one of width and height; both are needed here"};
    }
  }
  const bool open = !input.width || !input.height;
  if (open && !wanted && !sources.metadata.size) return sources.metadata.size.error();
  auto size = network_size(input, wanted, rfdetr);
  if (!size) return std::move(size).error();
  if (rfdetr && std::max(size->width, size->height) > kMaxRfdetrSide) {
    return Error{Code::unsupported, "RF-DETR with an input of " + std::to_string(size->height) + "x" +
                                        std::to_string(size->width) + " (height x width); at most " +
                                        std::to_string(kMaxRfdetrSide) + " is supported"};
  }
  package.preprocess.network = *size;
  package.family.network = *size;
  return {};
}

std::string quantization_of(const std::string& element_type) {
  if (element_type == "f32") return "fp32";
  if (element_type == "f16") return "fp16";
  if (element_type == "i8") return "int8";
  return element_type;
}

Result<Package> put_together(const fs::path& folder, const GraphInfo& graph) {
  Package package;
  package.folder = folder;
  auto weights = find_weights(folder);
  if (!weights) return std::move(weights).error();
  package.weights = std::move(*weights);
  auto input = read_network_input(graph);
  if (!input) return std::move(input).error();
  auto sources = read_sources(folder, graph);
  if (!sources) return std::move(sources).error();

  auto architecture = read_architecture(folder, sources->model, sources->metadata);
  if (!architecture) return std::move(architecture).error();
  package.family.task = architecture->task;
  package.family.architecture = std::move(architecture->name);
  package.family.recommended = std::move(architecture->recommended);

  Result<std::optional<vision::Size>> wanted = std::optional<vision::Size>{};
  if (sources->config) {
    wanted = apply_inference_config(*sources->config, architecture->task_may_be_multi_label, package);
  } else if (sources->environment) {
    wanted = apply_environment(*sources->environment, *input, package);
  } else {
    wanted = apply_defaults(sources->metadata, *input, package);
  }
  if (!wanted) return std::move(wanted).error();
  if (sources->model) {
    const Status status = apply_input(*sources->model, input_style(package.family.architecture), package.preprocess);
    if (!status) return status.error();
    if (sources->model->fused) package.family.fused = *sources->model->fused;
  }
  if (auto status = fill_size(*input, *wanted, *sources, package); !status) return std::move(status).error();
  if (auto status = fill_class_names(folder, *sources, package.family.class_names); !status) {
    return std::move(status).error();
  }
  if (auto status = fill_skeletons(folder, *sources, package.family); !status) return std::move(status).error();

  if (input->batch) package.max_batch_size = *input->batch;
  if (sources->environment) package.colors = read_colors(*sources->environment);
  package.quantization = quantization_of(graph.element_type);
  auto id = make_package_id(folder);
  if (!id) return std::move(id).error();
  package.package_id = std::move(*id);
  return package;
}

}  // namespace

namespace {

/// The last two names of a package's path, "project/version": messages reach clients, whom the rest does not concern.
std::string name_of(const fs::path& folder) {
  return (folder.parent_path().filename() / folder.filename()).string();
}

}  // namespace

Result<fs::path> find_weights(const fs::path& folder) {
  std::error_code error;
  for (const char* name : {"weights.onnx", "best.onnx"}) {
    if (fs::is_regular_file(folder / name, error)) return folder / name;
  }
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;  // a dangling link is no file
    if (it->path().extension() == ".onnx" && it->is_regular_file(ignored)) found.push_back(it->path());
    if (found.size() > 1) {
      std::sort(found.begin(), found.end());
      return Error{Code::invalid_argument, name_of(folder) + " has several networks (" + found[0].filename().string() +
                                               ", " + found[1].filename().string() +
                                               "); name the one to serve weights.onnx"};
    }
  }
  if (found.size() == 1) return found.front();
  return Error{Code::not_found,
               "no network in " + name_of(folder) + "; weights.onnx, best.onnx or one *.onnx is expected"};
}

Result<Package> read_package(const fs::path& folder, const GraphInfo& graph) {
  try {
    return put_together(folder, graph);
  } catch (const std::exception& failure) {  // the standard library's and nlohmann-json's, such as no memory
    return Error{Code::internal, "reading the package in " + name_of(folder) + " failed: " + failure.what()};
  }
}

}  // namespace osprey::package
