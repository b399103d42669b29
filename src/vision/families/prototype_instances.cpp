#include "vision/families/prototype_instances.hpp"

#include <utility>

#include "vision/families/candidates.hpp"
#include "vision/mask_grid.hpp"

namespace osprey::vision {

Result<InstanceSegments> prototype_instances(std::vector<Candidate> kept, const CoefficientTable& coefficients,
                                             const TensorView& prototypes, PrototypeLayout layout,
                                             MaskActivation activation, const Geometry& geometry,
                                             const DecodeOptions& options,
                                             const std::vector<std::string>& class_names) {
  filter_by_class(kept, options.class_filter, class_names,
                  [](const Candidate& candidate) { return candidate.class_id; });
  const std::size_t first_side = layout == PrototypeLayout::channels_first ? 1 : 0;
  const Size cells{static_cast<int>(prototypes.dim(first_side + 1)), static_cast<int>(prototypes.dim(first_side))};
  const MaskGrid grid = mask_grid(geometry, cells, options);
  InstanceSegments segments;
  segments.canvas = grid.canvas;
  segments.reduced = options.allow_reduced_mask_resolution;
  segments.instances.reserve(kept.size());

  MaskRenderer renderer(grid, activation);
  std::vector<float> own(coefficients.count);
  for (const Candidate& candidate : kept) {
    const std::size_t start =
        coefficients.start + static_cast<std::size_t>(candidate.index) * coefficients.candidate_stride;
    if (!own.empty() && start + (own.size() - 1) * coefficients.step >= coefficients.data.size()) {
      return Error{Code::internal,
                   "mask coefficients of candidate " + std::to_string(candidate.index) + " are missing"};
    }
    for (std::size_t k = 0; k < own.size(); ++k) own[k] = coefficients.data[start + k * coefficients.step];
    auto mask = renderer.from_prototypes(prototypes, layout, own, candidate.box);
    if (!mask) return mask.error();
    segments.instances.push_back(
        {{to_mask_grid(candidate.box, geometry, grid), candidate.score, candidate.class_id}, std::move(*mask)});
  }
  return segments;
}

}  // namespace osprey::vision
