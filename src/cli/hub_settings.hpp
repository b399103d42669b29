// The settings of the hosted registry and its cache, as the hub takes them.
#pragma once

#include "base/result.hpp"
#include "cli/settings.hpp"
#include "hub/hub.hpp"

namespace osprey::cli {

/// Errors: invalid_argument (registry_headers is no JSON object of texts; a status that is no number).
[[nodiscard]] Result<hub::HubOptions> hub_options(const ServerSettings& settings);

}  // namespace osprey::cli
