// The cache of downloaded packages, for commands that look at it without a server.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "cli/settings.hpp"
#include "hub/hub.hpp"

namespace osprey::cli {

/// The hub of these settings; null when they name no cache. Nothing is asked of the network. Errors: those of
/// hub_options and Hub::create.
[[nodiscard]] Result<std::unique_ptr<hub::Hub>> open_hub(const ServerSettings& settings);

}  // namespace osprey::cli
