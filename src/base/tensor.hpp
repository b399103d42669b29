// Tensors as they pass between engine and vision: views of float32, row-major. A backend converts other element types.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace osprey {

/// Dimensions of a tensor; -1 stands for one that is decided at run time.
using Shape = std::vector<std::int64_t>;

/// "[1,3,320,320]", with "?" for a dimension decided at run time.
[[nodiscard]] std::string to_string(const Shape& shape);

/// Number of elements of a shape without run-time dimensions.
[[nodiscard]] std::size_t element_count(std::span<const std::int64_t> shape);

/// Float32 values that someone else owns, row-major.
struct TensorView {
  std::span<const std::int64_t> shape;
  std::span<const float> data;

  /// Dimension `i`; 0 when the tensor has fewer.
  [[nodiscard]] std::int64_t dim(std::size_t i) const { return i < shape.size() ? shape[i] : 0; }
};

/// A named input or output of a network.
struct TensorSpec {
  std::string name;
  Shape shape;
};

/// What a network file says of itself, before it is compiled.
struct GraphInfo {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::map<std::string, std::string> metadata;  ///< the ONNX metadata_props ("names", "task", "imgsz", ...)
  std::string element_type = "f32";             ///< of the weights' majority: "f32", "f16", "i8"
};

}  // namespace osprey
