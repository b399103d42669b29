// Instance masks from a network's mask output: prototype product, crop, resize to the canvas, threshold. Only the part
// of the canvas that a mask can reach is computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "vision/linear_resampling.hpp"
#include "vision/mask_grid.hpp"
#include "vision/predictions.hpp"

namespace osprey::vision {

/// What a mask's values are before they are resized: sigmoid(x), compared with 0.5, or x itself, compared with 0 (the
/// two differ after interpolation).
enum class MaskActivation { sigmoid, logits };

/// How prototypes are laid out: [P, h, w], or YOLACT's [h, w, P].
enum class PrototypeLayout { channels_first, channels_last };

/// Bytes that the masks of one image may take together: an image of hostile size with many large objects must fail
/// with a message, not exhaust the memory.
inline constexpr std::size_t kMaxMaskBytes = std::size_t{1} << 30;

/// Draws the masks of one image. Holds scratch memory that its calls share: one renderer per decode, not thread-safe.
class MaskRenderer {
 public:
  explicit MaskRenderer(const MaskGrid& grid, MaskActivation activation, std::size_t max_bytes = kMaxMaskBytes);

  /// The mask whose values are `coefficients` times `prototypes` inside the box and 0 outside. `prototypes`: one
  /// image's, of the grid's cells and as many as there are coefficients. `box`: network pixels; on the mask output it
  /// is box * 0.25 rounded half to even, whatever the output's size (inference-math 6).
  /// Errors: internal when the sizes do not fit, payload_too_large past max_bytes.
  [[nodiscard]] Result<MaskRegion> from_prototypes(const TensorView& prototypes, PrototypeLayout layout,
                                                   std::span<const float> coefficients, const Box& box);

  /// The mask with these values over the whole mask output (grid.cells, row-major), already activated.
  /// Errors: as above.
  [[nodiscard]] Result<MaskRegion> from_values(std::span<const float> values);

 private:
  /// A rectangle of the mask output, or of the window.
  struct Cells {
    int x1 = 0;
    int y1 = 0;
    int x2 = 0;
    int y2 = 0;
    [[nodiscard]] bool empty() const { return x1 >= x2 || y1 >= y2; }
    [[nodiscard]] int width() const { return x2 - x1; }
    [[nodiscard]] int height() const { return y2 - y1; }
  };

  /// Values that are 0 outside `cells`; the first one is that of (cells.x1, cells.y1), rows are `stride` apart.
  Result<MaskRegion> render(const Cells& cells, const float* values, std::size_t stride);
  Cells reach(const Cells& cells, const float* values, std::size_t stride);
  void resample_rows(const Cells& cells, const float* values, std::size_t stride, const Cells& needed,
                     const Cells& target);
  void threshold_into(MaskRegion& region, const Cells& target, int first_row) const;

  MaskGrid grid_;
  MaskActivation activation_;
  float threshold_;
  float positive_;  ///< the least value with which a cell can lift a pixel above the threshold
  AxisWeights columns_;
  AxisWeights rows_;
  std::size_t bytes_left_;
  std::vector<float> product_;
  std::vector<float> line_;
  std::vector<float> resampled_;
  std::vector<std::uint8_t> columns_reached_;
};

}  // namespace osprey::vision
