// A family: how the outputs of one kind of network are read. One file each; the table in families.cpp names them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "vision/decode_options.hpp"
#include "vision/geometry.hpp"
#include "vision/predictions.hpp"
#include "vision/task.hpp"

namespace osprey::vision {

/// Keypoints of one object class; index = slot.
struct Skeleton {
  std::vector<std::string> keypoints;
};

/// Thresholds that a package recommends, used for confidence "best".
struct RecommendedConfidence {
  std::optional<float> confidence;
  std::map<std::string, float> per_class;  ///< by class name
};

/// What a family needs to know of a package.
struct FamilyConfig {
  Task task = Task::object_detection;
  std::string architecture;  ///< as the package names it, e.g. "yolov8", "rfdetr-nano"
  std::vector<std::string> class_names;
  /// post_processing.fused: NMS is inside the network (detection), or its scores are already activated
  /// (classification).
  bool fused = false;
  std::vector<std::string> removed_classes;  ///< class_names_operations: class_name_removal (RF-DETR)
  std::vector<Skeleton> skeletons;           ///< per object class (keypoints)
  RecommendedConfidence recommended;
  Size network;  ///< the network's input
};

/// Reads a network's outputs. Immutable after creation; thread-safe.
class Family {
 public:
  virtual ~Family() = default;

  /// Image `index` of a batch: its outputs to predictions in image pixels.
  /// `outputs`: as the network gave them, batch first (see each family's file for layouts).
  /// Errors: internal when a tensor has not the shape promised to check_outputs.
  [[nodiscard]] virtual Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index,
                                                  const Geometry& geometry, const DecodeOptions& options) const = 0;

  /// Whether this family can read such outputs. Errors: data_corrupted with the shapes found and those expected.
  [[nodiscard]] virtual Status check_outputs(std::span<const TensorSpec> outputs) const = 0;

  /// Whether only batches of one make sense for this network.
  [[nodiscard]] virtual bool single_image_only() const { return false; }
};

/// The family for (config.task, config.architecture), by the reference's newer and older names
/// (model-registry section 5). Errors: unsupported, naming the architectures known for the task.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_family(FamilyConfig config);

/// Architecture names known for a task, for messages and docs.
[[nodiscard]] std::vector<std::string_view> known_architectures(Task task);

}  // namespace osprey::vision
