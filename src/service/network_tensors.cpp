#include "service/network_tensors.hpp"

#include <algorithm>

namespace osprey::service {

NetworkTensors network_tensors(const registry::LiveModel& model) {
  const auto& graph = model.session->graph();
  const auto network = model.package.preprocess.network;
  NetworkTensors tensors;
  const bool named = !graph.inputs.empty();
  const Shape input = named ? graph.inputs.front().shape : Shape();
  tensors.input = {named ? graph.inputs.front().name : "input", {-1, 3, network.height, network.width}};
  const std::int64_t batch = input.empty() ? -1 : input.front();  // as compiled
  for (const auto& output : graph.outputs) {
    const bool per_image = !output.shape.empty() && output.shape.front() == batch;
    tensors.outputs.push_back(output);
    if (per_image) tensors.outputs.back().shape.front() = -1;
    tensors.per_image.push_back(per_image);
    tensors.batched = tensors.batched && per_image;
  }
  if (!tensors.batched) tensors.input.shape.front() = 1;
  return tensors;
}

Result<std::vector<std::size_t>> find_outputs(const NetworkTensors& tensors, std::span<const std::string> names) {
  std::vector<std::size_t> indices;
  if (names.empty()) {
    for (std::size_t i = 0; i < tensors.outputs.size(); ++i) indices.push_back(i);
    return indices;
  }
  for (const auto& name : names) {
    const auto found = std::find_if(tensors.outputs.begin(), tensors.outputs.end(),
                                    [&](const TensorSpec& output) { return output.name == name; });
    if (found == tensors.outputs.end()) {
      std::string known;
      for (const auto& output : tensors.outputs) known += (known.empty() ? "'" : ", '") + output.name + "'";
      return Error{Code::invalid_argument, "the network has no output '" + name + "'; its outputs: " + known};
    }
    const auto index = static_cast<std::size_t>(found - tensors.outputs.begin());
    if (std::find(indices.begin(), indices.end(), index) != indices.end()) {
      return Error{Code::invalid_argument, "the output '" + name + "' is requested twice"};
    }
    indices.push_back(index);
  }
  return indices;
}

Result<std::size_t> images_in(const NetworkTensors& tensors, std::string_view name,
                              std::span<const std::int64_t> shape) {
  const auto& input = tensors.input;
  if (name != input.name) {
    return Error{Code::invalid_argument,
                 "the network has no input '" + std::string(name) + "'; its input is '" + input.name + "'"};
  }
  const bool fits = shape.size() == input.shape.size() &&
                    std::equal(shape.begin() + 1, shape.end(), input.shape.begin() + 1) && shape[0] >= 1 &&
                    (tensors.batched || shape[0] == 1);
  if (!fits) {
    return Error{Code::invalid_argument, "the input '" + input.name + "' has the shape " +
                                             to_string(Shape(shape.begin(), shape.end())) + "; expected " +
                                             to_string(input.shape) + " with ? for at least one image"};
  }
  return static_cast<std::size_t>(shape[0]);
}

}  // namespace osprey::service
