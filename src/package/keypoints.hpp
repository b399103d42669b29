// keypoints_metadata.json: the keypoints of each object class.
#pragma once

#include <cstddef>
#include <vector>

#include "package/json_node.hpp"
#include "vision/families/family.hpp"

namespace osprey::package {

inline constexpr int kMaxKeypoints = 1000;

/// Skeletons by object class, `class_count` of them: each entry's "keypoints" ({"0": "nose", ...}) under its
/// "object_class_id". A class without an entry has no keypoints; edges are not needed here.
/// Errors: data_corrupted naming the field: a class id outside 0..class_count-1 or told twice, slots that are not
/// 0..n-1, more than kMaxKeypoints.
[[nodiscard]] Result<std::vector<vision::Skeleton>> read_keypoints(const JsonFile& file, std::size_t class_count);

}  // namespace osprey::package
