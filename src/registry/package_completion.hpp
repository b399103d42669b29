// What a network's file and its owner say together. What neither says is asked for, never guessed.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "engine/session.hpp"
#include "registry/model_loader.hpp"
#include "registry/own_models.hpp"

namespace osprey::registry {

/// What the owner says, with task and architecture from the file's metadata where the owner leaves them out. Errors:
/// invalid_argument naming the field that nothing tells, and its choices; unsupported (a family that is not known, a
/// network without one image input).
[[nodiscard]] Result<package::ModelJson> complete(const NewModel& model, const GraphInfo& graph);

/// Reads the package that was written to `folder` of a completed description, and holds it against its network. Where
/// the classes are not as many as the network has, the message says how many it has. Errors: those of open_package.
[[nodiscard]] Result<OpenPackage> open_completed(const std::filesystem::path& folder,
                                                 std::unique_ptr<engine::Graph> graph, const NewModel& model);

}  // namespace osprey::registry
