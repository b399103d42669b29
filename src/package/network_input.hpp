// The network's image input: what shape it has, and which size it is given.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "vision/geometry.hpp"

namespace osprey::package {

/// Dimensions of the input [batch, 3, height, width]; absent: decided at run time.
struct NetworkInput {
  std::optional<int> batch;
  std::optional<int> height;
  std::optional<int> width;
};

/// Errors: unsupported, with the shape found, when there is not one input of rank 4 with 3 channels first, or a
/// dimension is beyond kMaxInputSide or kMaxBatch.
[[nodiscard]] Result<NetworkInput> read_network_input(const GraphInfo& graph);

/// The size to run with: `wanted` where the network leaves it open, else the network's own. When both are fixed and
/// differ, `network_wins` (RF-DETR) decides for the network's. Errors: data_corrupted with both sizes when they differ
/// otherwise; invalid_argument when nothing tells a size.
[[nodiscard]] Result<vision::Size> network_size(const NetworkInput& input, std::optional<vision::Size> wanted,
                                                bool network_wins);

}  // namespace osprey::package
