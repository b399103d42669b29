// environment.json: the reference's older layout, and the colours of classes beside either layout.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "package/json_node.hpp"
#include "vision/preprocess.hpp"
#include "vision/task.hpp"

namespace osprey::package {

struct Environment {
  vision::PreprocessPlan plan;         ///< without `network`
  std::optional<vision::Size> resize;  ///< PREPROCESSING.resize; used when the network leaves its size open
  std::vector<std::string> class_map;  ///< CLASS_MAP by index; may be empty
  bool multi_label = false;            ///< MULTICLASS
};

/// Reads and checks the file for that architecture. The older engine's own values where the two engines differ: grey
/// edges are 114 (127 in the newer), reflected edges, "Fit within" and the centre crop become black edges, an unknown
/// format a stretch, and normalisation goes by architecture (ViT and YOLOv8 classification 0.5 and 0.5; ResNet, DINOv3,
/// DeepLab and RF-DETR ImageNet's). Errors: data_corrupted naming the field.
[[nodiscard]] Result<Environment> read_environment(const JsonFile& file, vision::Task task,
                                                   const std::string& architecture);

/// COLORS: class name -> "#RRGGBB". Entries of another form are left out: they are only for pictures, and a package
/// of the newer layout loads whatever this file says.
[[nodiscard]] std::map<std::string, std::string> read_colors(const JsonFile& file);

}  // namespace osprey::package
