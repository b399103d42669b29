// Contrast-limited adaptive histogram equalisation of one plane, as scikit-image defines it (not OpenCV's CLAHE).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/image.hpp"

namespace osprey::vision {

/// Levels of a plane that goes through clahe(): 14 bits.
inline constexpr int kClaheLevels = 1 << 14;

/// Equalises `levels` (row-major, `size`, each below kClaheLevels): a 256-bin histogram for each tile of an eighth of
/// the plane's sides, clipped at `clip_limit` (0..1) of the tile's pixels, its excess spread over the other bins;
/// between tiles the mappings are interpolated. Returns levels below kClaheLevels. Throws std::bad_alloc. After
/// K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV, 1994.
[[nodiscard]] std::vector<std::uint16_t> clahe(std::span<const std::uint16_t> levels, image::Size size,
                                               double clip_limit);

}  // namespace osprey::vision
