// What a request says of a new model, by name and text.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "registry/own_models.hpp"

namespace osprey::registry {

/// Sets one thing: a field of package::model_fields(), "force" (true or false), or "classes" (names one a line, or in
/// one line by commas). Errors: invalid_argument naming what is allowed, or the known names.
[[nodiscard]] Status set_parameter(std::string_view name, std::string_view value, NewModel& model);

}  // namespace osprey::registry
