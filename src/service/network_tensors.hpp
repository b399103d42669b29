// What a network takes and gives, as clients who speak to it directly see it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "registry/live_model.hpp"

namespace osprey::service {

/// Inputs and outputs of a live model's network; all are float32. The first dimension is the images of a request: -1.
struct NetworkTensors {
  TensorSpec input;                 ///< [-1,3,height,width]
  std::vector<TensorSpec> outputs;  ///< -1 also for what the network decides at run time
  std::vector<bool> per_image;      ///< of each output: whether its first dimension is the images
  /// Whether there may be more than one image in a request: all outputs are per image. Else input.shape[0] is 1.
  bool batched = true;
};

[[nodiscard]] NetworkTensors network_tensors(const registry::LiveModel& model);

/// Indices of the outputs with these names, in that order; of all when there are no names. Errors: invalid_argument for
/// a name that is not there or is there twice.
[[nodiscard]] Result<std::vector<std::size_t>> find_outputs(const NetworkTensors& tensors,
                                                            std::span<const std::string> names);

/// How many images an input of that name and shape holds. Errors: invalid_argument with what was found and what the
/// network takes.
[[nodiscard]] Result<std::size_t> images_in(const NetworkTensors& tensors, std::string_view name,
                                            std::span<const std::int64_t> shape);

}  // namespace osprey::service
