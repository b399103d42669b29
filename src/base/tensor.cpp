#include "base/tensor.hpp"

namespace osprey {

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (const auto dim : shape) {
    if (text.size() > 1) text += ',';
    text += dim < 0 ? "?" : std::to_string(dim);
  }
  return text + "]";
}

std::size_t element_count(std::span<const std::int64_t> shape) {
  std::size_t count = 1;
  for (const auto dim : shape) count *= static_cast<std::size_t>(dim);
  return count;
}

}  // namespace osprey
