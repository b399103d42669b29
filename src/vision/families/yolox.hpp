// YOLOX detection. Output [B, N, 5 + C], not decoded: offsets of the centre in its cell, logarithms of the size,
// objectness and C class scores (both activated). Rows: the cells of the grids of strides 8, 16 and 32, each row by
// row.
#pragma once

#include <memory>

#include "vision/families/family.hpp"

namespace osprey::vision {

/// Box: centre (offset + cell) * stride, size exp(value) * stride, in network pixels (Ge et al., YOLOX, 2021). Score:
/// objectness * best class score, above the threshold (default 0.4); NMS. Exports that decode inside the network have
/// the same shape and cannot be told apart: they are not supported.
[[nodiscard]] Result<std::unique_ptr<const Family>> make_yolox(FamilyConfig config);

}  // namespace osprey::vision
