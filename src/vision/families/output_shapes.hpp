// Checks of a network's outputs against what a family expects, with messages that name both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "image/image.hpp"

namespace osprey::vision {

/// Whether both shapes can be the same one: equal ranks, and equal dimensions where both are known (-1 fits any).
[[nodiscard]] bool fits(std::span<const std::int64_t> found, std::span<const std::int64_t> expected);

/// data_corrupted: "<architecture> expects <expected>; the network's outputs are "a" [...], "b" [...]".
[[nodiscard]] Error unexpected_outputs(std::string_view architecture, std::string_view expected,
                                       std::span<const TensorSpec> found);

/// Exactly these shapes in this order. Errors: data_corrupted; `meaning` explains the expected shapes in the message,
/// e.g. "4 box values + 16 classes".
[[nodiscard]] Status check_shapes(std::string_view architecture, std::span<const TensorSpec> found,
                                  std::span<const Shape> expected, std::string_view meaning);

/// Image `index` of output `position`, without the batch dimension; safe to index by its shape.
/// Errors: internal when there is no such output or image or its shape does not fit `expected` (batch first).
[[nodiscard]] Result<TensorView> output_of_image(std::span<const TensorView> outputs, std::size_t position,
                                                 std::size_t index, std::span<const std::int64_t> expected);

/// The two layouts in which YOLOv10 and YOLO26 networks are exported.
enum class YoloLayout {
  end_to_end,  ///< [B, K, 6 + extra]: a row per detection
  yolov8,      ///< [B, 4 + C + extra, N]: a column per candidate, still to be suppressed
  undecided,   ///< dimensions decided at run time leave both open
};

/// Tells the layouts apart by shape (batch first). Where both fit, N must be the number of cells that strides 8, 16 and
/// 32 have on `network` for it to be the YOLOv8 one. Errors: data_corrupted naming both layouts when neither fits, or
/// when both do.
[[nodiscard]] Result<YoloLayout> yolo_layout(std::span<const std::int64_t> shape, int class_count, int extra,
                                             image::Size network);

/// Cells of the grids of strides 8, 16 and 32 on a network's input.
[[nodiscard]] std::int64_t grid_cells(image::Size network);

}  // namespace osprey::vision
