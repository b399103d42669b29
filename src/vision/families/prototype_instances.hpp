// Kept candidates of the families with mask prototypes as instances: what YOLO segmentation and YOLACT share.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "vision/decode_options.hpp"
#include "vision/geometry.hpp"
#include "vision/nms.hpp"
#include "vision/predictions.hpp"
#include "vision/prototype_masks.hpp"

namespace osprey::vision {

/// Where a candidate's mask coefficients are: coefficient k of candidate i at data[start + i * candidate_stride +
/// k * step].
struct CoefficientTable {
  std::span<const float> data;
  std::size_t count = 0;  ///< coefficients of a candidate
  std::size_t start = 0;
  std::size_t candidate_stride = 0;
  std::size_t step = 1;
};

/// Masks and boxes of the kept candidates, in their order, on the canvas that the options ask for; only of the classes
/// that the request's filter keeps. `prototypes`: one image's. Errors: those of MaskRenderer, and internal when the
/// table does not hold a candidate's coefficients.
[[nodiscard]] Result<InstanceSegments> prototype_instances(std::vector<Candidate> kept,
                                                           const CoefficientTable& coefficients,
                                                           const TensorView& prototypes, PrototypeLayout layout,
                                                           MaskActivation activation, const Geometry& geometry,
                                                           const DecodeOptions& options,
                                                           const std::vector<std::string>& class_names);

}  // namespace osprey::vision
