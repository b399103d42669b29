// Whether what is in a models folder can be served, without compiling or keeping anything.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/session.hpp"
#include "registry/model_folder.hpp"

namespace osprey::registry {

/// A package that cannot be served, and why.
struct BrokenPackage {
  std::string model_id;
  Error error;
};

struct CheckedFolder {
  std::size_t sound = 0;
  std::vector<BrokenPackage> broken;
};

/// Reads every package of the folder as a load would, up to compiling. Costs tens of milliseconds a package.
[[nodiscard]] CheckedFolder check_packages(const ModelFolder& folder, engine::Engine& engine);

}  // namespace osprey::registry
