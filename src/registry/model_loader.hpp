// From a package folder to a live model.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "engine/session.hpp"
#include "registry/live_model.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::registry {

/// What a load needs; all of it outlives the loader's models.
struct LoaderContext {
  engine::Engine& engine;
  scheduler::Scheduler& scheduler;
  std::shared_ptr<const Clock> clock;
  Log log;
  std::filesystem::path blob_cache;  ///< compiled networks; empty: none kept
  std::size_t max_queue = 256;       ///< jobs that may wait for one model
};

/// A package that was read and checked, but not compiled.
struct OpenPackage {
  std::unique_ptr<engine::Graph> graph;
  package::Package package;
  std::unique_ptr<const vision::Family> family;
};

/// Reads a package's network and files and holds them against each other. Errors: those of engine, package and vision.
[[nodiscard]] Result<OpenPackage> open_package(const std::filesystem::path& folder, engine::Engine& engine);

/// Reads and checks the package, compiles its network and runs it once on a blank image. Blocks; costs seconds.
/// Errors: those of engine, package and vision, with the model's id put before them. Thread-safe.
[[nodiscard]] Result<std::shared_ptr<const LiveModel>> load_model(const std::string& model_id,
                                                                  const std::filesystem::path& folder,
                                                                  const LoaderContext& context);

}  // namespace osprey::registry
