// Typed predictions, one struct a task. Class ids index the model's class names.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "vision/geometry.hpp"

namespace osprey::vision {

/// One found object. The box is in image pixels; its corners are integers, except on a reduced mask grid.
struct Detection {
  Box box;
  float confidence = 0;
  int class_id = 0;
};

/// Object detection; by descending confidence where the family sorts, else in the model's order.
struct ObjectDetections {
  std::vector<Detection> detections;
};

/// The part of a binary mask that can hold pixels: 1 inside the object, 0 outside, row-major, `size` at (x, y) of the
/// canvas. Everything else of the canvas is 0. `size` may be 0 x 0.
struct MaskRegion {
  int x = 0;
  int y = 0;
  Size size;
  std::vector<std::uint8_t> pixels;
};

struct Instance {
  Detection detection;
  MaskRegion mask;
};

/// Instance segmentation. `canvas` is the size that masks and boxes are told in: the image's, or a smaller grid when
/// the request allowed reduced masks.
struct InstanceSegments {
  std::vector<Instance> instances;
  Size canvas;
  bool reduced = false;
};

/// A keypoint in image pixels (integers, may lie outside the image); `slot` indexes the class's skeleton.
struct Keypoint {
  float x = 0;
  float y = 0;
  float confidence = 0;
  int slot = 0;
};

struct Pose {
  Detection detection;
  std::vector<Keypoint> keypoints;  ///< only those that pass the threshold
};

struct Poses {
  std::vector<Pose> poses;
};

struct ClassScore {
  int class_id = 0;
  double confidence = 0;
};

/// Single-label classification: classes at or above the threshold, confidences rounded to 4 decimals, best first.
struct Classification {
  std::vector<ClassScore> scores;
  std::vector<float> probabilities = {};  ///< of every class, in class order, as they are
};

/// Multi-label classification: the score of every class, and the ids at or above the threshold, in class order.
struct MultiLabelClassification {
  std::vector<float> scores;
  std::vector<int> predicted;
};

/// Semantic segmentation: per pixel, row-major, the class id and floor(confidence * 255).
struct SemanticMap {
  Size size;
  std::vector<std::uint8_t> class_ids;
  std::vector<std::uint8_t> confidences;
};

using Prediction =
    std::variant<ObjectDetections, InstanceSegments, Poses, Classification, MultiLabelClassification, SemanticMap>;

}  // namespace osprey::vision
