#include "package/network_input.hpp"

#include <cstdint>
#include <string>

#include "package/inference_config.hpp"

namespace osprey::package {
namespace {

std::string side_text(const std::optional<int>& side) {
  return side ? std::to_string(*side) : "?";
}

}  // namespace

Result<NetworkInput> read_network_input(const GraphInfo& graph) {
  if (graph.inputs.size() != 1) {
    std::string message = "the network has " + std::to_string(graph.inputs.size()) + " inputs";
    for (std::size_t i = 0; i < graph.inputs.size() && i < 4; ++i) {
      message += (i == 0 ? ": " : ", ") + graph.inputs[i].name + " " + to_string(graph.inputs[i].shape);
    }
    return Error{Code::unsupported, message + "; one, the image, is expected"};
  }
  const TensorSpec& spec = graph.inputs.front();
  const Shape& shape = spec.shape;
  const auto refuse = [&](const std::string& why) {
    return Error{Code::unsupported,
                 "the network's input " + spec.name + " has the shape " + to_string(shape) + "; " + why};
  };
  const std::string expected = "[batch, 3, height, width] is expected";
  if (shape.size() != 4) return refuse(expected);
  if (shape[1] != 3) {
    const bool channels_last = shape[3] == 3;
    return refuse(expected + (channels_last ? " (export the network with channels first, NCHW)" : ""));
  }
  const auto dimension = [&](std::size_t i, std::int64_t max) -> Result<std::optional<int>> {
    if (shape[i] == -1) return std::optional<int>{};
    if (shape[i] < 1 || shape[i] > max) return refuse("dimensions from 1 to " + std::to_string(max) + " are expected");
    return std::optional(static_cast<int>(shape[i]));
  };
  const auto batch = dimension(0, kMaxBatch);
  const auto height = dimension(2, kMaxInputSide);
  const auto width = dimension(3, kMaxInputSide);
  for (const auto* result : {&batch, &height, &width}) {
    if (!*result) return result->error();
  }
  return NetworkInput{*batch, *height, *width};
}

Result<vision::Size> network_size(const NetworkInput& input, std::optional<vision::Size> wanted, bool network_wins) {
  if (!wanted && (!input.width || !input.height)) {
    return Error{Code::invalid_argument, "the network's input is open in size (" + side_text(input.height) + "x" +
                                             side_text(input.width) +
                                             ", height x width) and no file of the package tells it; name it in "
                                             R"(model.json: {"input": {"width": 640, "height": 640}})"};
  }
  const vision::Size own{input.width ? *input.width : wanted->width, input.height ? *input.height : wanted->height};
  if (wanted && own != *wanted && !network_wins) {
    return Error{Code::data_corrupted, "the package says that the network takes " + std::to_string(wanted->height) +
                                           "x" + std::to_string(wanted->width) +
                                           " (height x width), but the network takes " + side_text(input.height) + "x" +
                                           side_text(input.width)};
  }
  return own;
}

}  // namespace osprey::package
