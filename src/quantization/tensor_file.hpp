// A tensor as a file that NumPy reads.
#pragma once

#include <filesystem>
#include <span>

#include "base/result.hpp"
#include "base/tensor.hpp"

namespace osprey::quantization {

/// Writes `values` as an array of that shape (NumPy's format 1.0, little-endian float32, row-major). Errors: internal
/// (no room, no permission).
[[nodiscard]] Status write_tensor(const std::filesystem::path& file, const Shape& shape, std::span<const float> values);

}  // namespace osprey::quantization
