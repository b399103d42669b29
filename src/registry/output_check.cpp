#include "registry/output_check.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace osprey::registry {
namespace {

constexpr std::size_t kLookedAtInWhole = 4096;
constexpr std::size_t kPlaces = 256;

std::string text_of(std::span<const std::int64_t> shape) {
  return to_string(Shape(shape.begin(), shape.end()));
}

/// Every `step`th value.
template <typename IsBad>
bool any(std::span<const float> values, std::size_t step, IsBad is_bad) {
  bool bad = false;
  for (std::size_t i = 0; i < values.size(); i += step) bad |= is_bad(values[i]);
  return bad;
}

bool holds_numbers(const TensorView& output) {
  const auto values = output.data;
  // An odd step, so that it does not stay in one column where rows are a power of two long.
  const std::size_t step = values.size() <= kLookedAtInWhole ? 1 : (values.size() / kPlaces) | 1U;
  if (output.shape.size() <= 2) {
    return !any(values, step, [](float value) { return !(value < std::numeric_limits<float>::infinity()); });
  }
  return !any(values, step, [](float value) { return value != value; });
}

}  // namespace

Status check_outputs(std::span<const TensorView> outputs, std::span<const TensorSpec> promised, std::size_t images,
                     Numbers numbers) {
  if (outputs.size() != promised.size()) {
    return Error{Code::internal, "the model gave " + std::to_string(outputs.size()) + " outputs instead of " +
                                     std::to_string(promised.size())};
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& output = outputs[i];
    const auto& shape = output.shape;
    // A rank of 0 is a shape that was not known when the network was compiled.
    const bool fits_rank = promised[i].shape.empty() || shape.size() == promised[i].shape.size();
    const bool fits = fits_rank && std::all_of(shape.begin(), shape.end(), [](std::int64_t d) { return d >= 0; }) &&
                      element_count(shape) == output.data.size();
    const bool batched = i > 0 || (!shape.empty() && static_cast<std::size_t>(shape[0]) >= images);
    if (!fits || !batched) {
      return Error{Code::internal, "the model's output '" + promised[i].name + "' has the shape " + text_of(shape) +
                                       " and " + std::to_string(output.data.size()) + " values for " +
                                       std::to_string(images) + " images; expected " + to_string(promised[i].shape)};
    }
    if (numbers == Numbers::checked && !holds_numbers(output)) {
      return Error{Code::internal,
                   "the model's output '" + promised[i].name + "' holds values that are not numbers (NaN or infinite)"};
    }
  }
  return {};
}

}  // namespace osprey::registry
