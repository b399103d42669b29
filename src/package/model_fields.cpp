#include "package/model_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "package/files.hpp"
#include "package/inference_config.hpp"
#include "package/keypoints.hpp"

namespace osprey::package {
namespace {

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

template <typename Number>
bool is_in(const std::optional<Number>& number, Number min, Number max) {
  return number && *number >= min && *number <= max;  // no NaN is
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string set_task(std::string_view text, ModelJson& model) {
  model.task = vision::task_from_name(text);
  return model.task ? "" : task_names();
}

std::string set_architecture(std::string_view text, ModelJson& model) {
  constexpr std::size_t kMostBytes = 100;
  if (text.empty() || text.size() > kMostBytes) return "the name of a family";
  model.architecture = text;
  return {};
}

std::string set_input_size(std::string_view text, ModelJson& model) {
  const auto cross = text.find('x');
  const auto width = number_in<int>(text.substr(0, cross));
  const auto height = cross == std::string_view::npos ? width : number_in<int>(text.substr(cross + 1));
  if (!is_in(width, 1, kMaxInputSide) || !is_in(height, 1, kMaxInputSide)) {
    return "width x height in pixels such as 640x640, each 1 to " + std::to_string(kMaxInputSide);
  }
  model.width = width;
  model.height = height;
  return {};
}

std::string set_resize_mode(std::string_view text, ModelJson& model) {
  const auto modes = std::span(kResizeModes).first<3>();  // as in model.json
  const auto found = std::find(modes.begin(), modes.end(), text);
  if (found == modes.end()) return join(modes);
  model.resize_mode = static_cast<PackageResizeMode>(found - modes.begin());
  return {};
}

std::string set_padding_value(std::string_view text, ModelJson& model) {
  model.padding_value = number_in<int>(text);
  return is_in(model.padding_value, 0, 255) ? "" : "0 to 255";
}

std::string set_letterbox_anchor(std::string_view text, ModelJson& model) {
  if (text == "center") model.letterbox_anchor = vision::LetterboxAnchor::center;
  if (text == "top-left") model.letterbox_anchor = vision::LetterboxAnchor::top_left;
  return model.letterbox_anchor ? "" : "center, top-left";
}

std::string set_color_mode(std::string_view text, ModelJson& model) {
  if (text == "rgb") model.color_mode = vision::ColorMode::rgb;
  if (text == "bgr") model.color_mode = vision::ColorMode::bgr;
  return model.color_mode ? "" : "rgb, bgr";
}

std::string set_scaling_factor(std::string_view text, ModelJson& model) {
  if (text == "none") {
    model.scaling_factor = std::optional<float>{};
    return {};
  }
  const auto factor = number_in<float>(text);
  if (!is_in(factor, 1e-6F, 1e6F)) return "a number that pixels are divided by, such as 255, or none";
  model.scaling_factor = factor;
  return {};
}

bool set_channels(std::string_view text, float min, float max, std::array<float, 3>& channels) {
  const auto parts = split(text, ',');
  if (parts.size() != channels.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = number_in<float>(parts[i]);
    if (!is_in(number, min, max)) return false;
    channels[i] = *number;
  }
  return true;
}

std::string set_normalization(std::string_view text, ModelJson& model) {
  if (text == "none") {
    model.normalization = std::optional<vision::Normalization>{};
    return {};
  }
  if (text == "imagenet") {
    model.normalization = imagenet_normalization();
    return {};
  }
  vision::Normalization normalization;
  const auto parts = split(text, '/');
  if (parts.size() != 2 || !set_channels(parts[0], -1e6F, 1e6F, normalization.mean) ||
      !set_channels(parts[1], 1e-6F, 1e6F, normalization.std)) {
    return "imagenet, none, or three means and three deviations such as 0.5,0.5,0.5/0.5,0.5,0.5";
  }
  model.normalization = normalization;
  return {};
}

std::string set_keypoints(std::string_view text, ModelJson& model) {
  for (const auto name : split(text, ',')) {
    if (name.empty() || model.keypoints.size() == static_cast<std::size_t>(kMaxKeypoints)) {
      return "names in the network's order such as nose,tail, at most " + std::to_string(kMaxKeypoints);
    }
    model.keypoints.emplace_back(name);
  }
  return {};
}

std::string set_confidence(std::string_view text, ModelJson& model) {
  model.confidence = number_in<float>(text);
  return is_in(model.confidence, 0.0F, 1.0F) ? "" : "0 to 1";
}

std::string set_fused(std::string_view text, ModelJson& model) {
  if (text == "true") model.fused = true;
  if (text == "false") model.fused = false;
  return model.fused ? "" : "true, false";
}

constexpr ModelField kFields[] = {
    {"task", "TASK",
     "object-detection, instance-segmentation, classification, multi-label-classification, keypoint-detection or "
     "semantic-segmentation",
     set_task},
    {"family", "FAMILY", "How its outputs are read: yolov8, rfdetr, yolox, resnet, ... (docs/models.md)",
     set_architecture},
    {"keypoints", "A,B,...", "Names of the keypoints, in the network's order", set_keypoints},
    {"input_size", "WxH", "Size of the network's input, for networks that take any", set_input_size},
    {"resize_mode", "MODE", "stretch, letterbox or center-crop", set_resize_mode},
    {"padding_value", "0-255", "Grey of a letterbox's edges", set_padding_value},
    {"letterbox_anchor", "PLACE", "center or top-left: where a letterbox puts the picture", set_letterbox_anchor},
    {"color_mode", "MODE", "rgb or bgr", set_color_mode},
    {"scaling_factor", "N", "Pixels are divided by it; none: they are not", set_scaling_factor},
    {"normalization", "M/D",
     "imagenet, none, or means and deviations: 0.485,0.456,0.406/0.229,0.224,0.225, after the scaling",
     set_normalization},
    {"confidence", "0-1", "Threshold for requests that ask for \"best\"", set_confidence},
    {"fused", "BOOL", "true: NMS (detection), softmax or sigmoid (classification) is inside the network", set_fused},
};

}  // namespace

std::span<const ModelField> model_fields() {
  return kFields;
}

const ModelField* find_model_field(std::string_view name) {
  if (name == "architecture") name = "family";
  const auto* const found =
      std::find_if(std::begin(kFields), std::end(kFields), [&](const ModelField& field) { return field.name == name; });
  return found == std::end(kFields) ? nullptr : found;
}

Status set_model_field(const ModelField& field, std::string_view text, std::string_view shown_name, ModelJson& model) {
  const std::string expected = field.set(text, model);
  if (expected.empty()) return {};
  constexpr std::size_t kMostText = 60;
  return Error{Code::invalid_argument,
               std::string(shown_name) + " is '" + std::string(text.substr(0, kMostText)) + "'; allowed: " + expected};
}

}  // namespace osprey::package
