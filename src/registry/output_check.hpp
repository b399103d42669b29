// What a network gave, looked at before anybody reads it.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.hpp"
#include "base/tensor.hpp"

namespace osprey::registry {

/// Whether outputs are looked at for values that are not numbers.
enum class Numbers { checked, not_checked };

/// Whether `outputs` are as many as `promised` by the compiled network, of its ranks, with a value for each place of
/// their shapes and a place for each of `images`; and whether they hold numbers. Scores alone (rank 2 or less) may hold
/// neither NaN nor +infinity; other outputs no NaN. Outputs of up to 4096 values are looked at in whole, larger ones at
/// 256 places spread over them: a network that has lost its numbers has lost most, and where few are missing, families
/// leave out what is made of them. Costs about a microsecond. Errors: internal.
[[nodiscard]] Status check_outputs(std::span<const TensorView> outputs, std::span<const TensorSpec> promised,
                                   std::size_t images, Numbers numbers = Numbers::checked);

}  // namespace osprey::registry
