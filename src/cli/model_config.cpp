#include "cli/model_config.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace osprey::cli {
namespace {

using Options = client::InferOptions;
using Setter = std::function<void(const YAML::Node&, Options&)>;

template <typename Value>
Setter set(std::optional<Value> Options::* member) {
  return [member](const YAML::Node& node, Options& options) { options.*member = node.as<Value>(); };
}

const std::map<std::string_view, Setter>& setters() {
  static const std::map<std::string_view, Setter> table{
      {"confidence_threshold", set(&Options::confidence)},
      {"iou_threshold", set(&Options::iou_threshold)},
      {"class_agnostic_nms", set(&Options::class_agnostic_nms)},
      {"class_filter",
       [](const YAML::Node& node, Options& options) { options.class_filter = node.as<std::vector<std::string>>(); }},
      {"max_detections", set(&Options::max_detections)},
      {"max_candidates", set(&Options::max_candidates)},
      {"keypoint_confidence_threshold", set(&Options::keypoint_confidence)},
      {"allow_reduced_mask_resolution", set(&Options::allow_reduced_mask_resolution)},
      {"mask_decode_mode", set(&Options::mask_decode_mode)},
      {"tradeoff_factor", set(&Options::tradeoff_factor)},
      {"response_mask_format",
       [](const YAML::Node& node, Options& options) {
         options.mask_format = node.as<std::string>() == "rle" ? client::MaskFormat::rle : client::MaskFormat::polygon;
       }},
      {"visualize_labels", set(&Options::visualize_labels)},
      {"stroke_width", set(&Options::stroke_width)},
      {"disable_preproc_auto_orientation", set(&Options::disable_auto_orientation)},
      {"disable_preproc_contrast", set(&Options::disable_contrast)},
      {"disable_preproc_grayscale", set(&Options::disable_grayscale)},
      {"disable_preproc_static_crop", set(&Options::disable_static_crop)}};
  return table;
}

constexpr std::array<std::string_view, 18> kWithoutMeaning{"visualize_predictions",
                                                           "fix_batch_size",
                                                           "format",
                                                           "include_anomaly_map",
                                                           "disable_active_learning",
                                                           "active_learning_target_dataset",
                                                           "source",
                                                           "source_info",
                                                           "count_inference",
                                                           "service_secret",
                                                           "max_concurrent_requests",
                                                           "max_batch_size",
                                                           "image_extensions_for_directory_scan",
                                                           "client_downsizing_disabled",
                                                           "default_max_input_size",
                                                           "profiling_directory",
                                                           "workflow_run_retries_enabled",
                                                           "output_visualisation_format"};

Status set_field(const std::string& name, const YAML::Node& value, Options& options) {
  const auto found = setters().find(name);
  if (found != setters().end()) {
    if (!value.IsNull()) found->second(value, options);
    return {};
  }
  if (std::find(kWithoutMeaning.begin(), kWithoutMeaning.end(), name) != kWithoutMeaning.end()) return {};
  return Error{Code::invalid_argument, "'" + name + "' is no field of it; one is confidence_threshold"};
}

}  // namespace

Status read_model_config(const std::filesystem::path& file, Options& options) {
  const std::string where = "--model_config '" + file.string() + "'";
  std::string name;
  try {
    const YAML::Node root = YAML::LoadFile(file.string());
    if (root.IsNull()) return {};
    if (!root.IsMap()) return Error{Code::invalid_argument, where + ": expected 'name: value' lines"};
    for (const auto& field : root) {
      name = field.first.as<std::string>();
      if (auto done = set_field(name, field.second, options); !done) return done.error().with_context(where);
    }
    return {};
  } catch (const YAML::BadFile&) {
    return Error{Code::not_found, where + ": no such file, or it cannot be read"};
  } catch (const YAML::BadConversion&) {
    return Error{Code::invalid_argument, where + ": " + name + " has a value of another type than it takes"};
  } catch (const YAML::Exception& e) {
    return Error{Code::invalid_argument, where + ": " + e.what()};
  }
}

}  // namespace osprey::cli
