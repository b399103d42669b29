// How far the predictions of two networks agree: a changed network's with those of its original.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "vision/predictions.hpp"

namespace osprey::quantization {

/// Overlap from which two boxes or masks are the same object.
inline constexpr double kSameObject = 0.5;
/// Mean distance of the keypoints of a pose, in units of the square root of its box's area, up to which it is the same.
inline constexpr double kSamePose = 0.1;

/// Adds up over pictures how far two networks agree, as a share between 0 and 1:
/// - objects: 2 * found by both / (found by one + found by the other), the F1 score. Found by both: the same class and
///   an overlap (intersection over union) of boxes, for instances of masks, of at least kSameObject; each object counts
///   once, the surest of the original first;
/// - poses: the same, and the keypoints that both tell are no further apart in the mean than kSamePose;
/// - one class a picture: the share of pictures with the same best class;
/// - several classes a picture: classes told by both / classes told by either (Jaccard);
/// - a class a pixel: the mean over classes of pixels told by both / by either.
/// Not thread-safe.
class Agreement {
 public:
  /// What both networks found in one picture; predictions of two kinds do not agree at all.
  void add(const vision::Prediction& original, const vision::Prediction& changed);

  /// The share; nothing where the original found nothing that could be held against the other (no object; the same
  /// class in every pixel), as a network with random weights does.
  [[nodiscard]] std::optional<double> share() const;

  /// What was counted, for a person: "40 of 41 and 42 objects are the same".
  [[nodiscard]] std::string text() const;

 private:
  void add_objects(const vision::ObjectDetections& original, const vision::ObjectDetections& changed);
  void add_instances(const vision::InstanceSegments& original, const vision::InstanceSegments& changed);
  void add_poses(const vision::Poses& original, const vision::Poses& changed);
  void add_best(const vision::Classification& original, const vision::Classification& changed);
  void add_classes(const vision::MultiLabelClassification& original, const vision::MultiLabelClassification& changed);
  void add_pixels(const vision::SemanticMap& original, const vision::SemanticMap& changed);

  struct Pixels {
    std::size_t original = 0;
    std::size_t changed = 0;
    std::size_t both = 0;
  };

  const char* what_ = "objects";
  bool of_union_ = false;  // both / either, and not the F1 score
  std::size_t original_ = 0;
  std::size_t changed_ = 0;
  std::size_t both_ = 0;
  std::map<int, Pixels> pixels_;  // by class
  double keypoint_distance_ = 0;
  std::size_t poses_ = 0;
};

/// Intersection over union of two boxes; 0 where neither has an area.
[[nodiscard]] double overlap(const vision::Box& a, const vision::Box& b);

/// The same of two masks on one canvas.
[[nodiscard]] double overlap(const vision::MaskRegion& a, const vision::MaskRegion& b);

}  // namespace osprey::quantization
