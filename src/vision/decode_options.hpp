// What a request may say about how outputs become predictions. Defaults are the reference's HTTP defaults.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace osprey::vision {

/// A confidence threshold: a number, the family's own ("default") or the package's recommended one ("best").
struct Confidence {
  enum class Kind { number, model_default, best };
  Kind kind = Kind::number;
  float value = 0.4F;  ///< used when kind is number; 0..1, no percent handling here
};

/// How fine instance masks are (inference-math 6.1). Effective only with `allow_reduced_mask_resolution`.
enum class MaskDecodeMode { accurate, fast, tradeoff };

enum class MaskFormat { polygon, rle };

struct DecodeOptions {
  Confidence confidence;
  float iou_threshold = 0.3F;
  bool class_agnostic_nms = false;
  int max_detections = 300;
  int max_candidates = 3000;              ///< best-scored candidates that enter NMS
  std::vector<std::string> class_filter;  ///< names; applied last; empty: all classes

  MaskDecodeMode mask_decode_mode = MaskDecodeMode::accurate;
  float tradeoff_factor = 0;  ///< 0..1
  bool allow_reduced_mask_resolution = false;

  std::optional<float> keypoint_confidence;  ///< absent: the family's own threshold
};

}  // namespace osprey::vision
