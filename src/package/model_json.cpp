#include "package/model_json.hpp"

#include <array>
#include <span>
#include <string_view>

#include "package/files.hpp"
#include "package/inference_config.hpp"
#include "package/keypoints.hpp"

namespace osprey::package {
namespace {

constexpr const char* kName = "model.json";

std::vector<std::string> read_name_list(const JsonNode& node, std::size_t limit) {
  std::vector<std::string> names;
  for (const JsonNode& item : node.items()) {
    if (names.size() == limit) {
      node.problems().add(node.where() + " has more than " + std::to_string(limit) + " names");
      break;
    }
    names.push_back(item.text());
    if (names.back().empty()) item.reject("a name is expected");
  }
  if (node.is_array() && names.empty()) node.reject("at least one name is expected");
  return names;
}

// "classes": a list of names, or a file of the package with one a line.
Result<std::vector<std::string>> read_classes(const JsonNode& node, const std::filesystem::path& folder) {
  if (!node.is_string()) return read_name_list(node, kMaxClassNames);
  const std::string file = node.text();
  const std::filesystem::path path(file);
  if (!path.has_filename() || path != path.filename() || file == "." || file == ".." ||
      file.find('\0') != std::string::npos) {
    node.reject("a list of names, or the name of a file in the package's folder, is expected");
    return std::vector<std::string>{};
  }
  auto text = read_text(folder, file);
  if (!text) return std::move(text).error();
  if (!text->has_value()) {
    node.reject("there is no such file in the package's folder");
    return std::vector<std::string>{};
  }
  return parse_class_names(**text, file);
}

void read_input(const JsonNode& input, ModelJson& model) {
  static constexpr std::array<std::string_view, 8> kFields{"width",          "height",           "resize_mode",
                                                           "padding_value",  "letterbox_anchor", "color_mode",
                                                           "scaling_factor", "normalization"};
  input.allow_only(kFields);
  if (const JsonNode node = input["width"]; node.present()) model.width = node.integer(1, kMaxInputSide);
  if (const JsonNode node = input["height"]; node.present()) model.height = node.integer(1, kMaxInputSide);
  if (const JsonNode node = input["resize_mode"]; node.present()) {
    // The first three: the others are substituted for older packages and would only confuse here.
    model.resize_mode = static_cast<PackageResizeMode>(node.choice(std::span(kResizeModes).first<3>()));
  }
  if (const JsonNode node = input["padding_value"]; node.present()) model.padding_value = node.integer(0, 255);
  if (const JsonNode node = input["letterbox_anchor"]; node.present()) {
    static constexpr std::array<std::string_view, 2> kAnchors{"center", "top-left"};
    model.letterbox_anchor =
        node.choice(kAnchors) == 0 ? vision::LetterboxAnchor::center : vision::LetterboxAnchor::top_left;
  }
  if (const JsonNode node = input["color_mode"]; node.present()) {
    static constexpr std::array<std::string_view, 2> kModes{"rgb", "bgr"};
    model.color_mode = node.choice(kModes) == 0 ? vision::ColorMode::rgb : vision::ColorMode::bgr;
  }
  if (const JsonNode node = input["scaling_factor"]; node.written()) {
    model.scaling_factor = node.present() ? std::optional(node.number(1e-6, 1e6)) : std::nullopt;
  }
  if (const JsonNode node = input["normalization"]; node.written()) {
    model.normalization = read_normalization(node);
  }
}

}  // namespace

Result<std::optional<ModelJson>> read_model_json(const std::filesystem::path& folder) {
  auto file = JsonFile::read(folder, kName, Code::invalid_argument);
  if (!file) return std::move(file).error();
  if (!file->has_value()) return std::optional<ModelJson>{};

  ModelJson model;
  const JsonNode root = (*file)->root();
  static constexpr std::array<std::string_view, 7> kFields{"task",  "architecture", "classes", "keypoints",
                                                           "input", "confidence",   "fused"};
  root.allow_only(kFields);
  if (const JsonNode node = root["task"]; node.present()) {
    model.task = vision::task_from_name(node.text());
    if (!model.task) node.reject("allowed: " + task_names());
  }
  if (const JsonNode node = root["architecture"]; node.present()) {
    model.architecture = node.text();
    if (model.architecture.empty()) node.reject("the name of an architecture is expected");
  }
  if (const JsonNode node = root["classes"]; node.present()) {
    auto classes = read_classes(node, folder);
    if (!classes) return std::move(classes).error().with_context("model.json: classes");
    model.class_names = std::move(*classes);
  }
  if (const JsonNode node = root["keypoints"]; node.present()) model.keypoints = read_name_list(node, kMaxKeypoints);
  if (const JsonNode node = root["input"]; node.present()) read_input(node, model);
  if (const JsonNode node = root["confidence"]; node.present()) model.confidence = node.number(0, 1);
  if (const JsonNode node = root["fused"]; node.present()) model.fused = node.boolean();
  if (auto status = (*file)->status(); !status) return std::move(status).error();
  return std::optional(std::move(model));
}

Status apply_input(const ModelJson& model, InputStyle style, vision::PreprocessPlan& plan) {
  if (model.resize_mode) {
    if (style == InputStyle::rfdetr && *model.resize_mode != PackageResizeMode::stretch) {
      return Error{Code::unsupported, "model.json: input.resize_mode is '" +
                                          std::string(kResizeModes[static_cast<std::size_t>(*model.resize_mode)]) +
                                          "'; RF-DETR always stretches: stretch, or no resize_mode, is expected"};
    }
    set_resize(plan, style, *model.resize_mode, plan.padding_value, std::nullopt);
  }
  if (model.padding_value) plan.padding_value = *model.padding_value;
  if (model.letterbox_anchor) plan.letterbox_anchor = *model.letterbox_anchor;
  if (model.color_mode) plan.color_mode = *model.color_mode;
  if (model.scaling_factor) plan.scaling_factor = *model.scaling_factor;
  if (model.normalization) plan.normalization = *model.normalization;
  return {};
}

}  // namespace osprey::package
