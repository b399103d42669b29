// model.json: what the owner of a network says of it, in Osprey's own short form (README.md of this room).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "package/architecture.hpp"
#include "package/json_node.hpp"
#include "vision/preprocess.hpp"
#include "vision/task.hpp"

namespace osprey::package {

/// The file's fields; absent ones leave what the package says otherwise, or the family's default.
struct ModelJson {
  std::optional<vision::Task> task;
  std::string architecture;
  std::vector<std::string> class_names;
  std::vector<std::string> keypoints;  ///< slot names, the same for all classes
  std::optional<int> width;
  std::optional<int> height;
  std::optional<PackageResizeMode> resize_mode;  ///< stretch, letterbox or center_crop
  std::optional<int> padding_value;
  std::optional<vision::LetterboxAnchor> letterbox_anchor;
  std::optional<vision::ColorMode> color_mode;
  std::optional<std::optional<float>> scaling_factor;                 ///< null in the file: none
  std::optional<std::optional<vision::Normalization>> normalization;  ///< the same
  std::optional<float> confidence;
  std::optional<bool> fused;
};

/// Reads and checks folder/model.json; nothing when there is none. "classes" may name a file of the folder.
/// Errors: invalid_argument naming the field, or an unknown field and the known ones.
[[nodiscard]] Result<std::optional<ModelJson>> read_model_json(const std::filesystem::path& folder);

/// Lays the file's input fields over the plan; the size is not set here.
/// Errors: unsupported when RF-DETR, which always stretches to the network's size, is given another resize mode.
[[nodiscard]] Status apply_input(const ModelJson& model, InputStyle style, vision::PreprocessPlan& plan);

}  // namespace osprey::package
