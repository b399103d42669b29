// Which task and architecture a package has, and which file says so.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "package/model_json.hpp"
#include "package/onnx_metadata.hpp"
#include "vision/families/family.hpp"
#include "vision/task.hpp"

namespace osprey::package {

struct Architecture {
  vision::Task task = vision::Task::object_detection;
  std::string name;
  vision::RecommendedConfidence recommended;
  /// model_type.json calls multi-label models "classification" too: other files decide then.
  bool task_may_be_multi_label = false;
};

/// Each of task and architecture from the first that names it: model.json; model_config.json (task_type,
/// model_architecture); package.json (taskType, modelArchitecture, else modelVariant); model_type.json
/// (project_task_type, model_type); the ONNX metadata. Recommended confidences from the first of model.json,
/// model_config.json (recommended_parameters) and package.json (recommendedParameters) that has any.
/// Errors: unsupported when model_config.json names another backend than onnx; data_corrupted naming the field;
/// invalid_argument with the choices when nothing names both.
[[nodiscard]] Result<Architecture> read_architecture(const std::filesystem::path& folder,
                                                     const std::optional<ModelJson>& model,
                                                     const ExportMetadata& metadata);

}  // namespace osprey::package
