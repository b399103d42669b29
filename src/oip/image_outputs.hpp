// The outputs of the image view by name.
#pragma once

#include <span>
#include <string_view>

namespace osprey::oip {

/// Names of all that there are; a model has those of its task. Thread-safe.
[[nodiscard]] std::span<const std::string_view> known_image_outputs();

}  // namespace osprey::oip
