#include "vision/families/rfdetr_segmentation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "vision/families/candidates.hpp"
#include "vision/families/output_shapes.hpp"
#include "vision/families/rfdetr_queries.hpp"
#include "vision/prototype_masks.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;

class RfdetrSegmentation final : public Family {
 public:
  explicit RfdetrSegmentation(FamilyConfig config) : config_(std::move(config)), columns_(config_) {
    config_.class_names = columns_.names();  // ids are counted without the removed classes from here on
  }

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto queries = rfdetr_queries(outputs, index);
    if (!queries) return queries.error();
    const auto masks = output_of_image(outputs, 2, index, Shape{-1, queries->boxes.dim(0), -1, -1});
    if (!masks) return masks.error();

    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    auto kept = rfdetr_candidates(queries->boxes, queries->logits, columns_, thresholds, geometry.network);
    const auto most = static_cast<std::size_t>(std::max(options.max_detections, 0));
    if (kept.size() > most) kept.resize(most);
    filter_by_class(kept, options.class_filter, config_.class_names,
                    [](const Candidate& candidate) { return candidate.class_id; });

    const Size cells{static_cast<int>(masks->dim(2)), static_cast<int>(masks->dim(1))};
    const MaskGrid grid = mask_grid(geometry, cells, options);
    InstanceSegments segments;
    segments.canvas = grid.canvas;
    segments.reduced = options.allow_reduced_mask_resolution;
    segments.instances.reserve(kept.size());
    MaskRenderer renderer(grid, MaskActivation::logits);
    const std::size_t area = element_count(masks->shape.subspan(1));
    for (const Candidate& candidate : kept) {
      auto mask = renderer.from_values(masks->data.subspan(static_cast<std::size_t>(candidate.index) * area, area));
      if (!mask) return mask.error();
      segments.instances.push_back(
          {{to_mask_grid(candidate.box, geometry, grid), candidate.score, candidate.class_id}, std::move(*mask)});
    }
    return Prediction(std::move(segments));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    return check_rfdetr_outputs(config_.architecture, outputs, columns_, std::array{Shape{-1, -1, -1, -1}});
  }

 private:
  FamilyConfig config_;
  ClassColumns columns_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_rfdetr_segmentation(FamilyConfig config) {
  return std::unique_ptr<const Family>(std::make_unique<RfdetrSegmentation>(std::move(config)));
}

}  // namespace osprey::vision
