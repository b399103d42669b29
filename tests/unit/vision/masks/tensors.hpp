// Tensors that own their values, and their views: networks' outputs for tests.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/tensor.hpp"

namespace osprey::vision {

struct Tensor {
  explicit Tensor(Shape dimensions) : shape(std::move(dimensions)), values(element_count(shape), 0.0F) {}
  Tensor(Shape dimensions, std::vector<float> content) : shape(std::move(dimensions)), values(std::move(content)) {}

  [[nodiscard]] float& at(std::initializer_list<std::int64_t> position) {
    std::int64_t place = 0;
    auto dimension = shape.begin();
    for (const std::int64_t i : position) place = place * *dimension++ + i;
    return values[static_cast<std::size_t>(place)];
  }
  [[nodiscard]] TensorView view() const { return {shape, values}; }

  Shape shape;
  std::vector<float> values;
};

[[nodiscard]] inline std::vector<TensorView> views(std::span<const Tensor> tensors) {
  std::vector<TensorView> result;
  for (const Tensor& tensor : tensors) result.push_back(tensor.view());
  return result;
}

[[nodiscard]] inline std::vector<TensorSpec> specs(std::initializer_list<Shape> shapes) {
  std::vector<TensorSpec> result;
  for (const Shape& shape : shapes) result.push_back({"output" + std::to_string(result.size()), shape});
  return result;
}

}  // namespace osprey::vision
