#include "package/keypoints.hpp"

#include <algorithm>
#include <string>

namespace osprey::package {

Result<std::vector<vision::Skeleton>> read_keypoints(const JsonFile& file, std::size_t class_count) {
  std::vector<vision::Skeleton> skeletons(class_count);
  std::vector<bool> told(class_count);
  for (const JsonNode& entry : file.root().items()) {
    const JsonNode id_node = entry["object_class_id"];
    const auto id = static_cast<std::size_t>(id_node.integer(0, static_cast<int>(class_count) - 1));
    if (told[id]) id_node.reject("each class is expected once");
    told[id] = true;

    const JsonNode keypoints = entry["keypoints"];
    if (!keypoints.is_object() || keypoints.value()->size() > kMaxKeypoints) {
      keypoints.reject("an object of at most " + std::to_string(kMaxKeypoints) + " slots and names is expected");
    }
    if (auto status = file.status(); !status) return std::move(status).error();
    const std::size_t count = keypoints.value()->size();
    for (std::size_t slot = 0; slot < count; ++slot) {
      const JsonNode name = keypoints[std::to_string(slot).c_str()];
      if (!name.present()) name.reject("slots from 0 to " + std::to_string(count - 1) + " are expected");
      skeletons[id].keypoints.push_back(name.text());
    }
  }
  if (auto status = file.status(); !status) return std::move(status).error();
  return skeletons;
}

}  // namespace osprey::package
