#include "cli/prediction_rooms.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>
#include <utility>

#include "base/cores.hpp"
#include "cli/hub_settings.hpp"
#include "engine/backends.hpp"
#include "registry/model_loader.hpp"
#include "service/process_memory.hpp"
#include "vision/preprocess.hpp"

namespace osprey::cli {
namespace {

/// How late what hangs, or is overdue, may be noticed.
constexpr std::chrono::milliseconds kWatchInterval{200};

/// The models folder; none where a registry is set and there is no folder.
Result<std::optional<registry::ModelFolder>> open_folder(const ServerSettings& settings) {
  auto folder = registry::ModelFolder::open(settings.models);
  if (folder) return std::optional(std::move(folder).value());
  if (settings.registry_url.empty()) return std::move(folder).error();
  return std::optional<registry::ModelFolder>();
}

/// The hosted registry and the cache; null without a cache folder.
Result<std::unique_ptr<hub::Hub>> make_hub(const ServerSettings& settings, const std::shared_ptr<const Clock>& clock,
                                           const Log& log) {
  if (settings.cache.empty()) {
    if (settings.registry_url.empty()) return std::unique_ptr<hub::Hub>();
    return Error{Code::invalid_argument, "a model registry needs a cache folder: set MODEL_CACHE_DIR or --cache"};
  }
  auto options = hub_options(settings);
  if (!options) return std::move(options).error();
  return hub::Hub::create(std::move(options).value(), clock, log);
}

registry::RegistryOptions registry_options(const ServerSettings& settings) {
  registry::RegistryOptions options;
  options.max_active_models = settings.max_active_models;
  options.unload_idle = std::chrono::seconds(settings.unload_idle_seconds);
  options.pinned = settings.pinned_models;
  options.preload = settings.preload_models;
  options.preload_key = settings.preload_api_key;
  options.check_access = settings.models_cache_auth_enabled;
  return options;
}

service::ServiceOptions service_options(const ServerSettings& settings, std::size_t threads) {
  service::ServiceOptions options;
  options.threads = threads;
  if (settings.decode_scale == "auto") options.decode_scale = service::DecodeScale::automatic;
  options.fetch_urls = settings.allow_url_input && !settings.offline;
  options.fetch.policy.allow_http = settings.allow_non_https_url_input;
  options.fetch.policy.allow_without_fqdn = settings.allow_url_input_without_fqdn;
  options.fetch.policy.allowed_hosts = {settings.allowed_url_hosts.begin(), settings.allowed_url_hosts.end()};
  options.fetch.policy.denied_hosts = {settings.denied_url_hosts.begin(), settings.denied_url_hosts.end()};
  options.fetch.allow_special_addresses = settings.allow_url_to_non_global_addresses;
  options.max_in_flight = settings.max_waiting;
  options.image_limits.max_pixels = static_cast<std::int64_t>(settings.max_image_megapixels) * 1'000'000;
  options.image_limits.max_bytes = settings.max_image_mib << 20;
  options.image_limits.max_pickle_bytes = settings.max_pickle_mib << 20;
  options.fetch.max_bytes = settings.max_url_mib << 20;
  options.fetch.max_held_bytes = std::max(settings.max_urls_mib, settings.max_url_mib) << 20;
  options.fetch.max_waiting = settings.max_waiting;
  options.fetch.time = std::chrono::seconds(settings.url_seconds);
  options.fetch.max_redirects = static_cast<int>(settings.max_image_url_redirects);
  return options;
}

}  // namespace

Result<std::unique_ptr<PredictionRooms>> PredictionRooms::create(const ServerSettings& settings, const Log& log) {
  if (settings.decode_scale != "off" && settings.decode_scale != "auto") {
    return Error{Code::invalid_argument, "decode_scale: expected off or auto, not '" + settings.decode_scale + "'"};
  }
  auto folder = open_folder(settings);
  if (!folder) return std::move(folder).error();
  const std::size_t threads = settings.threads > 0 ? settings.threads : usable_cores();
  // The machine's cores are the engine's own choice.
  const bool all = threads == std::thread::hardware_concurrency();
  auto engine = engine::create_engine(settings.backend, log, all ? 0 : static_cast<int>(threads));
  if (!engine) return std::move(engine).error();

  vision::use_single_threaded_opencv();
  std::unique_ptr<PredictionRooms> rooms(new PredictionRooms);
  rooms->clock_ = std::make_shared<SteadyClock>();
  rooms->folder_ = std::move(folder).value();
  rooms->engine_ = std::move(engine).value();
  rooms->threads_ = threads;
  service::set_up_allocator(rooms->threads_);
  rooms->scheduler_ = std::make_unique<scheduler::Scheduler>(rooms->threads_, rooms->clock_,
                                                             std::chrono::seconds(settings.hang_seconds));
  auto hub = make_hub(settings, rooms->clock_, log);
  if (!hub) return std::move(hub).error();
  rooms->hub_ = std::move(hub).value();
  const auto compiled = settings.cache.empty() ? std::filesystem::path() : settings.cache / "engine";
  rooms->registry_ = std::make_unique<registry::ModelRegistry>(
      registry_options(settings), rooms->folder_,
      registry::LoaderContext{*rooms->engine_, *rooms->scheduler_, rooms->clock_, log, compiled}, rooms->hub_.get());
  rooms->service_ = std::make_unique<service::PredictionService>(service_options(settings, rooms->threads_),
                                                                 *rooms->registry_, *rooms->scheduler_, rooms->clock_);
  rooms->watchdog_ = std::make_unique<scheduler::Watchdog>(
      kWatchInterval, std::vector<std::function<void()>>{[&scheduler = *rooms->scheduler_] { scheduler.check(); },
                                                         [&service = *rooms->service_] { service.check_deadlines(); }});
  return rooms;
}

PredictionRooms::~PredictionRooms() {
  stop();
}

void PredictionRooms::stop() {
  // Before the service goes: no job may outlive it.
  if (scheduler_) scheduler_->stop();
}

Result<service::PredictionResponse> PredictionRooms::predict(
    std::shared_ptr<const service::PredictionRequest> request) {
  using Answer = Result<service::PredictionResponse>;
  const auto answered = std::make_shared<std::promise<Answer>>();
  auto answer = answered->get_future();
  const auto cancel = request->cancel;
  const auto deadline = request->deadline;
  service_->admit(
      cancel, deadline,
      [this, answered, request = std::move(request)] {
        service_->predict(request, [answered](Answer result) { answered->set_value(std::move(result)); });
      },
      [answered](Error error) { answered->set_value(std::move(error)); });
  return answer.get();
}

}  // namespace osprey::cli
