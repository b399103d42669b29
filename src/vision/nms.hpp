// Non-maximum suppression, as the reference's default engine does it (inference-math 5.1).
#pragma once

#include <span>
#include <vector>

#include "vision/geometry.hpp"

namespace osprey::vision {

/// A box that may become a detection, in network pixels. `index` is its place in the network's output: it breaks ties
/// and finds the mask coefficients or keypoints that belong to it.
struct Candidate {
  Box box;
  float score = 0;
  int class_id = 0;
  int index = 0;
};

struct NmsOptions {
  float iou_threshold = 0.3F;  ///< a box is suppressed when its IoU with a kept one is greater, not equal
  bool class_agnostic = false;
  int max_detections = 300;
  int max_candidates = 3000;
};

/// Greedy NMS: by descending score (ties: lower index first), per class unless class_agnostic. Returns the kept
/// candidates in that order, at most max_detections. Only the max_candidates best enter.
[[nodiscard]] std::vector<Candidate> non_maximum_suppression(std::vector<Candidate> candidates,
                                                             const NmsOptions& options);

/// Intersection over union in float32; 0 when both are empty.
[[nodiscard]] float intersection_over_union(const Box& a, const Box& b);

}  // namespace osprey::vision
