// What a trainer's export says of itself in the ONNX file's metadata.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vision/families/family.hpp"
#include "vision/task.hpp"

namespace osprey::package {

/// A part that cannot be read is an error of its own: it matters only to a package that says the same nowhere else.
struct ExportMetadata {
  std::optional<vision::Task> task;  ///< "task"; absent when it is absent or none of ours
  std::string task_name;             ///< "task" as written
  std::string architecture;          ///< from "description"; empty when that does not tell
  /// "names", by index; may be empty.
  Result<std::vector<std::string>> class_names = std::vector<std::string>{};
  /// "imgsz", written there as [height, width].
  Result<std::optional<vision::Size>> size = std::optional<vision::Size>{};
  /// Slot names: "kpt_names" of the first class, else numbers up to "kpt_shape"; may be empty.
  Result<std::vector<std::string>> keypoints = std::vector<std::string>{};
  bool nms = false;      ///< "args" has 'nms': True: NMS is inside the network
  bool end2end = false;  ///< "end2end" is True: the head needs no NMS
};

/// The architecture of a description such as "Ultralytics YOLO11n-seg model trained on coco.yaml": the family that
/// decodes its outputs, so "yolov8" for that trainer's v3, v5 and v6, which have the head of v8. Empty when the
/// description does not tell.
[[nodiscard]] std::string architecture_of(const std::string& description);

/// Reads the metadata. Errors of its parts: data_corrupted naming the key, what it holds and what is expected.
[[nodiscard]] ExportMetadata read_export_metadata(const std::map<std::string, std::string>& metadata);

}  // namespace osprey::package
