#include "package/inference_config.hpp"

#include <array>
#include <limits>

#include "package/architecture.hpp"
#include "package/image_steps.hpp"

namespace osprey::package {
namespace {

using vision::Task;

constexpr std::array<std::string_view, 3> kPostProcessings{"nms", "softmax", "sigmoid"};

vision::Size read_size(const JsonNode& node) {
  if (!node.present()) node.reject("an object with height and width is expected");
  return {node["width"].integer(1, kMaxInputSide), node["height"].integer(1, kMaxInputSide)};
}

void check_dynamic_mode(const JsonNode& mode) {
  if (!mode.present()) return;
  static constexpr std::array<std::string_view, 2> kTypes{"pad-to-be-divisible", "any-size"};
  if (mode["type"].choice(kTypes) == 0) static_cast<void>(mode["value"].integer(1, kMaxInputSide));
}

void read_network_input(const JsonNode& input, std::string_view architecture, InferenceConfig& config) {
  vision::PreprocessPlan& plan = config.plan;
  if (!input.present()) {
    input.reject("an object is expected");
    return;
  }
  plan.network = read_size(input["training_input_size"]);
  config.dynamic_input_size = input["dynamic_spatial_size_supported"].boolean();
  check_dynamic_mode(input["dynamic_spatial_size_mode"]);

  static constexpr std::array<std::string_view, 2> kColorModes{"rgb", "bgr"};
  plan.color_mode = input["color_mode"].choice(kColorModes) == 0 ? vision::ColorMode::rgb : vision::ColorMode::bgr;
  if (const JsonNode channels = input["input_channels"]; channels.integer(1, 1024) != 3) {
    channels.reject("only networks with 3 input channels are supported");
  }

  const JsonNode padding = input["padding_value"];
  std::optional<vision::Size> dataset_size;
  if (const JsonNode size = input["dataset_version_resize_dimensions"]; size.present()) dataset_size = read_size(size);
  const InputStyle style = input_style(architecture);
  set_resize(plan, style, static_cast<PackageResizeMode>(input["resize_mode"].choice(kResizeModes)),
             padding.present() ? padding.integer(0, 255) : 0, dataset_size);

  plan.normalization = read_normalization(input["normalization"]);
  plan.scaling_factor.reset();
  if (const JsonNode factor = input["scaling_factor"]; factor.present()) {
    plan.scaling_factor = factor.number(1e-6, 1e6);
  }
  // RF-DETR goes to 0..1 by 255 before it normalises, whatever the factor; without normalisation the factor counts.
  if (style == InputStyle::rfdetr && (plan.normalization || !plan.scaling_factor)) plan.scaling_factor = 255.0F;
}

void read_forward_pass(const JsonNode& pass, InferenceConfig& config) {
  if (!pass.present()) return;
  for (const char* key : {"static_batch_size", "max_dynamic_batch_size"}) {
    if (const JsonNode size = pass[key]; size.present() && !config.max_batch_size) {
      config.max_batch_size = size.integer(1, kMaxBatch);
    }
  }
}

void read_class_operations(const JsonNode& operations, InferenceConfig& config) {
  if (!operations.present()) return;
  static constexpr std::array<std::string_view, 1> kTypes{"class_name_removal"};
  for (const JsonNode& operation : operations.items()) {
    static_cast<void>(operation["type"].choice(kTypes));
    config.removed_classes.push_back(operation["class_name"].text());
  }
}

}  // namespace

std::optional<vision::Normalization> read_normalization(const JsonNode& node) {
  if (!node.present()) return std::nullopt;
  const std::vector<JsonNode> rows = node.items();
  vision::Normalization normalization;
  if (rows.size() != 2) {
    node.reject("[[mean, mean, mean], [std, std, std]] is expected");
    return normalization;
  }
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<JsonNode> values = rows[row].items();
    if (values.size() != 3) {
      rows[row].reject("three numbers, one a channel, are expected");
      return normalization;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      if (row == 0) normalization.mean[i] = values[i].number(-1e6, 1e6);
      if (row == 1) normalization.std[i] = values[i].number(1e-6, 1e6);
    }
  }
  return normalization;
}

Result<InferenceConfig> read_inference_config(const JsonFile& file, std::string_view architecture) {
  InferenceConfig config;
  const JsonNode root = file.root();
  if (const JsonNode steps = root["image_pre_processing"]; steps.present()) read_image_steps(steps, config.plan);
  read_network_input(root["network_input"], architecture, config);
  read_forward_pass(root["forward_pass"], config);
  if (const JsonNode post = root["post_processing"]; post.present()) {
    static constexpr std::array kTypes{PostProcessing::nms, PostProcessing::softmax, PostProcessing::sigmoid};
    config.post_processing = kTypes[post["type"].choice(kPostProcessings)];
    if (const JsonNode fused = post["fused"]; fused.written()) config.fused = fused.boolean();
  }
  read_class_operations(root["class_names_operations"], config);
  if (auto status = file.status(); !status) return std::move(status).error();
  return config;
}

Status check_post_processing(const InferenceConfig& config, Task task, std::string_view architecture) {
  PostProcessing needed = PostProcessing::none;
  if (task == Task::classification) {
    needed = PostProcessing::softmax;
  } else if (task == Task::multi_label_classification) {
    needed = PostProcessing::sigmoid;
  } else if (task != Task::semantic_segmentation && needs_nms_post_processing(architecture)) {
    needed = PostProcessing::nms;
  }
  if (needed == PostProcessing::none || needed == config.post_processing) return {};
  const auto name = [](PostProcessing type) {
    return type == PostProcessing::none ? std::string("missing")
                                        : "'" + std::string(kPostProcessings[static_cast<std::size_t>(type) - 1]) + "'";
  };
  return Error{Code::data_corrupted, "inference_config.json: post_processing.type is " + name(config.post_processing) +
                                         "; " + std::string(vision::to_string(task)) + " with " +
                                         std::string(architecture) + " needs " + name(needed)};
}

}  // namespace osprey::package
