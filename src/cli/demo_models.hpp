// The demo models, where they were installed with this program.
#pragma once

#include <filesystem>

namespace osprey::cli {

/// The folder of models that a server serves which was told of none: `models` of the folder that it is started in;
/// where there is none, the demo models at ../share/osprey/models of the executable's folder; where they are missing
/// too, `models` all the same.
[[nodiscard]] std::filesystem::path models_without_setting();

}  // namespace osprey::cli
