// The contrast steps of a package's preprocessing, as scikit-image computes them (inference-math 2).
#pragma once

#include "image/image.hpp"
#include "vision/preprocess.hpp"

namespace osprey::vision {

/// `source` with its contrast changed; `contrast` must not be `none`. Throws std::bad_alloc.
[[nodiscard]] image::Image adjust_contrast(const image::ImageView& source, Contrast contrast);

}  // namespace osprey::vision
