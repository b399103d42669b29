// The registry's older protocol: what its answers say, and the package files that they become.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hub/model_type.hpp"

namespace osprey::hub {

struct OlderModel {
  ModelType type;
  std::string model_url;                      ///< http or https
  std::string environment_url;                ///< empty: `environment` holds it
  std::string environment;                    ///< JSON text
  std::vector<std::string> classes;           ///< may be empty
  std::map<std::string, std::string> colors;  ///< class name -> "#RRGGBB"
  std::string keypoints_metadata;             ///< JSON text; may be empty
};

/// The answer for project/version: {"ort": {...}}. Errors: data_corrupted naming what is missing.
[[nodiscard]] Result<OlderModel> parse_ort(std::string_view json);

/// The answer for a model without a version: {"taskType", "modelType", "modelFiles", "environment", ...}.
[[nodiscard]] Result<OlderModel> parse_get_weights(std::string_view json);

/// The small files of the package, by name: environment.json (with the colours, where it has none), model_type.json,
/// class_names.txt and keypoints_metadata.json where the registry gives them. `environment` is JSON text.
/// Errors: data_corrupted (the environment is no JSON object, or a class name cannot be a line).
[[nodiscard]] Result<std::map<std::string, std::string>> make_older_files(const OlderModel& model,
                                                                          std::string_view environment);

}  // namespace osprey::hub
