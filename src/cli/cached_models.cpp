#include "cli/cached_models.hpp"

#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/hub_settings.hpp"

namespace osprey::cli {

Result<std::unique_ptr<hub::Hub>> open_hub(const ServerSettings& settings) {
  if (settings.cache.empty()) return std::unique_ptr<hub::Hub>();
  auto options = hub_options(settings);
  if (!options) return std::move(options).error();
  return hub::Hub::create(std::move(options).value(), std::make_shared<SteadyClock>(), make_null_log());
}

}  // namespace osprey::cli
