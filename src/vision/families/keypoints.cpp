#include "vision/families/keypoints.hpp"

#include <algorithm>
#include <cmath>

namespace osprey::vision {

int keypoint_slots(const std::vector<Skeleton>& skeletons) {
  std::size_t slots = 0;
  for (const Skeleton& skeleton : skeletons) slots = std::max(slots, skeleton.keypoints.size());
  return static_cast<int>(slots);
}

std::size_t keypoint_count(const std::vector<Skeleton>& skeletons, int class_id) {
  const auto i = static_cast<std::size_t>(class_id);
  return i < skeletons.size() ? skeletons[i].keypoints.size() : 0;
}

void append_keypoint(std::vector<Keypoint>& keypoints, const NetworkKeypoint& keypoint, std::size_t slot,
                     float threshold, const Geometry& geometry) {
  const auto& [point, confidence] = keypoint;
  if (!(confidence >= threshold && confidence > 0.0F)) return;
  if (!std::isfinite(point.x) || !std::isfinite(point.y)) return;
  const Point placed = to_image(point, geometry);
  keypoints.push_back({placed.x, placed.y, confidence, static_cast<int>(slot)});
}

std::vector<Keypoint> read_keypoints(std::span<const float> values, std::size_t start, std::size_t stride,
                                     std::size_t count, float threshold, const Geometry& geometry) {
  std::vector<Keypoint> keypoints;
  for (std::size_t slot = 0; slot < count; ++slot) {
    const std::size_t at = start + 3 * slot * stride;
    append_keypoint(keypoints, {{values[at], values[at + stride]}, values[at + 2 * stride]}, slot, threshold, geometry);
  }
  return keypoints;
}

Status check_skeletons(const FamilyConfig& config) {
  if (keypoint_slots(config.skeletons) > 0) return {};
  return Error{Code::data_corrupted, "a keypoint model must name its keypoints; the package names none"};
}

}  // namespace osprey::vision
