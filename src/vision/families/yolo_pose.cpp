#include "vision/families/yolo_pose.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "vision/families/candidates.hpp"
#include "vision/families/keypoints.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/nms.hpp"

namespace osprey::vision {
namespace {

class YoloPose final : public Family {
 public:
  YoloPose(FamilyConfig config, PoseRules rules)
      : config_(std::move(config)),
        rules_(rules),
        class_count_(static_cast<int>(config_.class_names.size())),
        extra_(3 * keypoint_slots(config_.skeletons)),
        columns_{-1, 4 + class_count_ + extra_, -1} {}

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto image = output_of_image(outputs, 0, index, rules_.reads_end_to_end_layout ? any_ : columns_);
    if (!image) return image.error();
    bool by_row = false;
    if (rules_.reads_end_to_end_layout) {
      const auto layout = yolo_layout(outputs[0].shape, class_count_, extra_, config_.network);
      if (!layout) return Error{Code::internal, layout.error().message};
      by_row = *layout == YoloLayout::end_to_end;
    }

    const Thresholds thresholds(options.confidence, config_, rules_.default_confidence);
    const auto found =
        by_row ? end_to_end_candidates(*image, class_count_, thresholds, Passing::at_least)
               : non_maximum_suppression(yolov8_candidates(*image, class_count_, thresholds), nms_options(options));
    const float threshold = options.keypoint_confidence.value_or(rules_.keypoint_threshold);
    const auto width = static_cast<std::size_t>(image->dim(1));
    Poses result;
    for (const Candidate& candidate : found) {
      const auto place = static_cast<std::size_t>(candidate.index);
      const std::size_t start =
          by_row ? place * width + 6 : (4 + static_cast<std::size_t>(class_count_)) * width + place;
      const std::size_t count = keypoint_count(config_.skeletons, candidate.class_id);
      result.poses.push_back({{to_image(candidate.box, geometry), candidate.score, candidate.class_id},
                              read_keypoints(image->data, start, by_row ? 1 : width, count, threshold, geometry)});
    }
    filter_by_class(result.poses, options.class_filter, config_.class_names,
                    [](const Pose& pose) { return pose.detection.class_id; });
    return Prediction(std::move(result));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    const bool one = outputs.size() == 1 && outputs[0].shape.size() == 3;
    if (one && rules_.reads_end_to_end_layout) {
      const auto layout = yolo_layout(outputs[0].shape, class_count_, extra_, config_.network);
      return layout ? Status() : layout.error().with_context(config_.architecture + " output");
    }
    return check_shapes(config_.architecture, outputs, std::array{columns_},
                        "4 box values + " + std::to_string(class_count_) + " classes + 3 * " +
                            std::to_string(extra_ / 3) + " keypoints, a column per candidate");
  }

 private:
  FamilyConfig config_;
  PoseRules rules_;
  int class_count_;
  int extra_;
  Shape columns_;
  Shape any_{-1, -1, -1};
};

}  // namespace

Result<std::unique_ptr<const Family>> make_yolo_pose(FamilyConfig config, PoseRules rules) {
  const Status skeletons = check_skeletons(config);
  if (!skeletons) return skeletons.error();
  return std::unique_ptr<const Family>(std::make_unique<YoloPose>(std::move(config), rules));
}

}  // namespace osprey::vision
