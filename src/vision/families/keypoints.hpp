// What the keypoint families share: slots, and which keypoints of a detection are told.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vision/families/family.hpp"
#include "vision/geometry.hpp"
#include "vision/predictions.hpp"

namespace osprey::vision {

/// Keypoints that a network predicts for every detection: the most that any class has.
[[nodiscard]] int keypoint_slots(const std::vector<Skeleton>& skeletons);

/// Keypoints of a class; 0 for a class without skeleton.
[[nodiscard]] std::size_t keypoint_count(const std::vector<Skeleton>& skeletons, int class_id);

/// A raw keypoint: network pixels and confidence.
struct NetworkKeypoint {
  Point point;
  float confidence = 0;
};

/// The keypoint in image pixels (rounded, not clamped) if its confidence is at least `threshold` and above 0 and its
/// place is finite; else nothing is appended (inference-math 7.1).
void append_keypoint(std::vector<Keypoint>& keypoints, const NetworkKeypoint& keypoint, std::size_t slot,
                     float threshold, const Geometry& geometry);

/// Reads `count` keypoints of x, y, confidence from `values`, starting at `start`, `stride` values apart.
[[nodiscard]] std::vector<Keypoint> read_keypoints(std::span<const float> values, std::size_t start, std::size_t stride,
                                                   std::size_t count, float threshold, const Geometry& geometry);

/// data_corrupted: a keypoint model must name the keypoints of at least one class.
[[nodiscard]] Status check_skeletons(const FamilyConfig& config);

}  // namespace osprey::vision
