#include "quantization/agreement.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <type_traits>
#include <variant>
#include <vector>

namespace osprey::quantization {
namespace {

double area(const vision::Box& box) {
  return std::max(0.0, double{box.x2} - box.x1) * std::max(0.0, double{box.y2} - box.y1);
}

std::size_t ones(const vision::MaskRegion& mask) {
  return static_cast<std::size_t>(
      std::count_if(mask.pixels.begin(), mask.pixels.end(), [](std::uint8_t pixel) { return pixel != 0; }));
}

bool is_set(const vision::MaskRegion& mask, int x, int y) {
  const auto index = static_cast<std::size_t>(y - mask.y) * static_cast<std::size_t>(mask.size.width) +
                     static_cast<std::size_t>(x - mask.x);
  return mask.pixels[index] != 0;
}

/// How many objects of `original` are found in `changed`, each of which is taken once. `likeness` of two objects of a
/// class: 0 when they are not the same.
template <typename Object, typename ClassOf, typename Likeness>
std::size_t count_same(const std::vector<Object>& original, const std::vector<Object>& changed,
                       const ClassOf& detection_of, const Likeness& likeness) {
  std::vector<std::size_t> order(original.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return detection_of(original[a]).confidence > detection_of(original[b]).confidence;
  });
  std::vector<bool> taken(changed.size(), false);
  std::size_t same = 0;
  for (const auto i : order) {
    std::optional<std::size_t> best;
    double best_likeness = 0;
    for (std::size_t j = 0; j < changed.size(); ++j) {
      if (taken[j] || detection_of(original[i]).class_id != detection_of(changed[j]).class_id) continue;
      if (const double found = likeness(original[i], changed[j]); found > best_likeness) {
        best_likeness = found;
        best = j;
      }
    }
    if (!best) continue;
    taken[*best] = true;
    ++same;
  }
  return same;
}

double from_threshold(double found) {
  return found >= kSameObject ? found : 0;
}

/// Mean distance of the keypoints that both poses tell, in units of the first one's box; nothing when they share none.
std::optional<double> distance(const vision::Pose& a, const vision::Pose& b) {
  double sum = 0;
  int shared = 0;
  for (const auto& point : a.keypoints) {
    const auto other = std::find_if(b.keypoints.begin(), b.keypoints.end(),
                                    [&point](const vision::Keypoint& found) { return found.slot == point.slot; });
    if (other == b.keypoints.end()) continue;
    sum += std::hypot(double{point.x} - other->x, double{point.y} - other->y);
    ++shared;
  }
  if (shared == 0) return std::nullopt;
  return sum / shared / std::sqrt(std::max(1.0, area(a.detection.box)));
}

}  // namespace

double overlap(const vision::Box& a, const vision::Box& b) {
  const vision::Box common{std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
  const double both = area(common);
  const double either = area(a) + area(b) - both;
  return either > 0 ? both / either : 0;
}

double overlap(const vision::MaskRegion& a, const vision::MaskRegion& b) {
  const int right = std::min(a.x + a.size.width, b.x + b.size.width);
  const int bottom = std::min(a.y + a.size.height, b.y + b.size.height);
  std::size_t both = 0;
  for (int y = std::max(a.y, b.y); y < bottom; ++y) {
    for (int x = std::max(a.x, b.x); x < right; ++x) both += is_set(a, x, y) && is_set(b, x, y) ? 1U : 0U;
  }
  const std::size_t either = ones(a) + ones(b) - both;
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : 0;
}

void Agreement::add(const vision::Prediction& original, const vision::Prediction& changed) {
  if (original.index() != changed.index()) {
    ++original_;
    ++changed_;
    return;
  }
  std::visit(
      [&](const auto& first) {
        using Kind = std::decay_t<decltype(first)>;
        const auto& second = std::get<Kind>(changed);
        if constexpr (std::is_same_v<Kind, vision::ObjectDetections>) add_objects(first, second);
        if constexpr (std::is_same_v<Kind, vision::InstanceSegments>) add_instances(first, second);
        if constexpr (std::is_same_v<Kind, vision::Poses>) add_poses(first, second);
        if constexpr (std::is_same_v<Kind, vision::Classification>) add_best(first, second);
        if constexpr (std::is_same_v<Kind, vision::MultiLabelClassification>) add_classes(first, second);
        if constexpr (std::is_same_v<Kind, vision::SemanticMap>) add_pixels(first, second);
      },
      original);
}

void Agreement::add_objects(const vision::ObjectDetections& original, const vision::ObjectDetections& changed) {
  original_ += original.detections.size();
  changed_ += changed.detections.size();
  both_ += count_same(
      original.detections, changed.detections, [](const auto& found) -> const auto& { return found; },
      [](const auto& a, const auto& b) { return from_threshold(overlap(a.box, b.box)); });
}

void Agreement::add_instances(const vision::InstanceSegments& original, const vision::InstanceSegments& changed) {
  original_ += original.instances.size();
  changed_ += changed.instances.size();
  both_ += count_same(
      original.instances, changed.instances, [](const auto& found) -> const auto& { return found.detection; },
      [](const auto& a, const auto& b) { return from_threshold(overlap(a.mask, b.mask)); });
}

void Agreement::add_poses(const vision::Poses& original, const vision::Poses& changed) {
  what_ = "poses";
  original_ += original.poses.size();
  changed_ += changed.poses.size();
  both_ += count_same(
      original.poses, changed.poses, [](const auto& found) -> const auto& { return found.detection; },
      [this](const auto& a, const auto& b) {
        const double boxes = from_threshold(overlap(a.detection.box, b.detection.box));
        if (boxes == 0) return 0.0;
        const auto apart = distance(a, b);
        if (!apart) return a.keypoints.empty() == b.keypoints.empty() ? boxes : 0.0;
        keypoint_distance_ += *apart;
        ++poses_;
        return *apart <= kSamePose ? boxes : 0.0;
      });
}

void Agreement::add_best(const vision::Classification& original, const vision::Classification& changed) {
  what_ = "pictures";
  ++original_;
  ++changed_;
  if (original.scores.empty() || changed.scores.empty()) {
    both_ += original.scores.empty() && changed.scores.empty() ? 1U : 0U;
  } else {
    both_ += original.scores.front().class_id == changed.scores.front().class_id ? 1U : 0U;
  }
}

void Agreement::add_classes(const vision::MultiLabelClassification& original,
                            const vision::MultiLabelClassification& changed) {
  what_ = "classes";
  of_union_ = true;
  original_ += original.predicted.size();
  changed_ += changed.predicted.size();
  for (const int id : original.predicted) {
    both_ += std::find(changed.predicted.begin(), changed.predicted.end(), id) != changed.predicted.end() ? 1U : 0U;
  }
}

void Agreement::add_pixels(const vision::SemanticMap& original, const vision::SemanticMap& changed) {
  const std::size_t count = std::min(original.class_ids.size(), changed.class_ids.size());
  for (std::size_t i = 0; i < count; ++i) {
    const int before = original.class_ids[i];
    const int after = changed.class_ids[i];
    auto& pixels = pixels_[before];
    ++pixels.original;
    ++(before == after ? pixels : pixels_[after]).changed;
    pixels.both += before == after ? 1U : 0U;
  }
}

std::optional<double> Agreement::share() const {
  if (!pixels_.empty()) {
    double sum = 0;
    int originals = 0;
    for (const auto& [id, pixels] : pixels_) {
      originals += pixels.original > 0 ? 1 : 0;
      sum += static_cast<double>(pixels.both) / static_cast<double>(pixels.original + pixels.changed - pixels.both);
    }
    if (originals < 2) return std::nullopt;
    return sum / static_cast<double>(pixels_.size());
  }
  if (original_ == 0) return std::nullopt;
  const auto both = static_cast<double>(both_);
  if (of_union_) return both / static_cast<double>(original_ + changed_ - both_);
  return 2 * both / static_cast<double>(original_ + changed_);
}

std::string Agreement::text() const {
  if (!pixels_.empty()) return "mean overlap of " + std::to_string(pixels_.size()) + " classes";
  std::string text = std::to_string(both_) + " of " + std::to_string(original_);
  if (changed_ != original_) text += " and " + std::to_string(changed_);
  text += std::string(" ") + what_ + " are the same";
  if (poses_ > 0) {
    char distance_text[32];
    (void)std::snprintf(distance_text, sizeof distance_text, "%.3f", keypoint_distance_ / static_cast<double>(poses_));
    text += ", their keypoints " + std::string(distance_text) + " of the box apart";
  }
  return text;
}

}  // namespace osprey::quantization
