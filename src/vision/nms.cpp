#include "vision/nms.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace osprey::vision {
namespace {

float area(const Box& box) {
  return (box.x2 - box.x1) * (box.y2 - box.y1);
}

bool is_usable(const Candidate& candidate) {
  const Box& box = candidate.box;
  return !std::isnan(candidate.score) && std::isfinite(box.x1) && std::isfinite(box.y1) && std::isfinite(box.x2) &&
         std::isfinite(box.y2);
}

bool comes_first(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  if (a.index != b.index) return a.index < b.index;
  return a.class_id < b.class_id;
}

/// The kept boxes column by column, so that one candidate is compared with many of them by vector instructions.
class KeptBoxes {
 public:
  KeptBoxes(std::size_t capacity, const NmsOptions& options)
      : threshold_(options.iou_threshold), class_agnostic_(options.class_agnostic) {
    // Rounded up to whole blocks: places past count_ hold empty boxes, which suppress nothing.
    const std::size_t padded = (capacity + kBlock - 1) / kBlock * kBlock;
    for (auto* column : {&x1_, &y1_, &x2_, &y2_, &area_}) column->resize(padded);
    class_id_.resize(padded, -1);
  }

  void add(const Candidate& candidate) {
    const std::size_t i = count_++;
    x1_[i] = candidate.box.x1;
    y1_[i] = candidate.box.y1;
    x2_[i] = candidate.box.x2;
    y2_[i] = candidate.box.y2;
    area_[i] = area(candidate.box);
    class_id_[i] = class_of(candidate);
  }

  [[nodiscard]] bool suppress(const Candidate& candidate) const {
    const Box box = candidate.box;
    const float box_area = area(box);
    const int class_id = class_of(candidate);
    for (std::size_t start = 0; start < count_; start += kBlock) {
      int hits = 0;
      for (std::size_t i = start; i < start + kBlock; ++i) {
        const float left = x1_[i] > box.x1 ? x1_[i] : box.x1;
        const float top = y1_[i] > box.y1 ? y1_[i] : box.y1;
        const float right = x2_[i] < box.x2 ? x2_[i] : box.x2;
        const float bottom = y2_[i] < box.y2 ? y2_[i] : box.y2;
        const float width = right - left > 0.0F ? right - left : 0.0F;
        const float height = bottom - top > 0.0F ? bottom - top : 0.0F;
        const float intersection = width * height;
        // 0/0 of two empty boxes is NaN, which is greater than nothing: they do not suppress each other.
        const float iou = intersection / (area_[i] + box_area - intersection);
        hits |= static_cast<int>(iou > threshold_) & static_cast<int>(class_id_[i] == class_id);
      }
      if (hits != 0) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kBlock = 32;

  [[nodiscard]] int class_of(const Candidate& candidate) const { return class_agnostic_ ? 0 : candidate.class_id; }

  float threshold_;
  bool class_agnostic_;
  std::size_t count_ = 0;
  std::vector<float> x1_;
  std::vector<float> y1_;
  std::vector<float> x2_;
  std::vector<float> y2_;
  std::vector<float> area_;
  std::vector<int> class_id_;
};

}  // namespace

std::vector<Candidate> non_maximum_suppression(std::vector<Candidate> candidates, const NmsOptions& options) {
  std::erase_if(candidates, [](const Candidate& candidate) { return !is_usable(candidate); });

  const auto max_candidates = static_cast<std::size_t>(std::max(options.max_candidates, 0));
  if (candidates.size() > max_candidates) {
    const auto cut = candidates.begin() + static_cast<std::ptrdiff_t>(max_candidates);
    std::nth_element(candidates.begin(), cut, candidates.end(), comes_first);
    candidates.erase(cut, candidates.end());
  }
  std::sort(candidates.begin(), candidates.end(), comes_first);

  const auto max_detections = static_cast<std::size_t>(std::max(options.max_detections, 0));
  KeptBoxes kept_boxes(std::min(candidates.size(), max_detections), options);
  std::size_t kept = 0;
  for (const Candidate candidate : candidates) {
    if (kept == max_detections) break;
    if (kept_boxes.suppress(candidate)) continue;
    kept_boxes.add(candidate);
    candidates[kept++] = candidate;
  }
  candidates.resize(kept);
  return candidates;
}

float intersection_over_union(const Box& a, const Box& b) {
  const float width = std::max(0.0F, std::min(a.x2, b.x2) - std::max(a.x1, b.x1));
  const float height = std::max(0.0F, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
  const float intersection = width * height;
  const float both = area(a) + area(b) - intersection;
  return both > 0.0F ? intersection / both : 0.0F;
}

}  // namespace osprey::vision
