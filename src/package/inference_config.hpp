// inference_config.json: the reference's newer layout.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/json_node.hpp"
#include "vision/preprocess.hpp"
#include "vision/task.hpp"

namespace osprey::package {

/// A side of the network's input is at most this many pixels; it bounds the tensors that a package can ask for.
inline constexpr int kMaxInputSide = 8192;
inline constexpr int kMaxBatch = 4096;

enum class PostProcessing { none, nms, softmax, sigmoid };

struct InferenceConfig {
  vision::PreprocessPlan plan;  ///< `network` is training_input_size
  bool dynamic_input_size = false;
  std::optional<int> max_batch_size;
  PostProcessing post_processing = PostProcessing::none;
  bool fused = false;
  std::vector<std::string> removed_classes;
};

/// Reads and checks the file for that architecture; resize modes are substituted as set_resize says.
/// Errors: data_corrupted naming the field.
[[nodiscard]] Result<InferenceConfig> read_inference_config(const JsonFile& file, std::string_view architecture);

/// Whether the post-processing is one that the task's loader takes: "softmax" for classification, "sigmoid" for
/// multi-label, "nms" for the YOLOv8 family and YOLO-NAS; others may have any or none.
/// Errors: data_corrupted naming the field.
[[nodiscard]] Status check_post_processing(const InferenceConfig& config, vision::Task task,
                                           std::string_view architecture);

/// [[mean, mean, mean], [std, std, std]]; nothing when absent or null.
[[nodiscard]] std::optional<vision::Normalization> read_normalization(const JsonNode& node);

}  // namespace osprey::package
