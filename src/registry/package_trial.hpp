// Whether a package answers: one blank image through everything that a request goes through.
#pragma once

#include <string>

#include "base/result.hpp"
#include "registry/model_loader.hpp"

namespace osprey::registry {

struct PackageTrial {
  std::string backend;  ///< that ran it
  double seconds = 0;   ///< the network's run, the first after compiling
};

/// Compiles the network (with no blob kept), prepares a blank image, runs the network and reads its outputs with the
/// package's family. Blocks; costs seconds. Errors: those of engine and vision; invalid_argument when scores come out
/// that are none (not between 0 and 1), as they do when a family reads outputs that are not its own.
[[nodiscard]] Result<PackageTrial> try_package(OpenPackage& package);

}  // namespace osprey::registry
