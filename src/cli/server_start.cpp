#include "cli/server_start.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/log_ring.hpp"
#include "base/uuid.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_guard.hpp"
#include "cli/hub_settings.hpp"
#include "cli/model_check.hpp"
#include "cli/process_hardening.hpp"
#include "engine/backends.hpp"
#include "http/server.hpp"
#include "hub/hub.hpp"
#include "registry/model_registry.hpp"
#include "scheduler/scheduler.hpp"
#include "scheduler/watchdog.hpp"
#include "server/routes.hpp"
#include "service/prediction_service.hpp"
#include "service/process_memory.hpp"

namespace osprey::cli {
namespace {

/// How late what hangs, or is overdue, may be noticed.
constexpr std::chrono::milliseconds kWatchInterval{200};
constexpr std::size_t kLogLines = 1000;  // kept for /logs, as in the reference

int fail(const Error& error) {
  std::cerr << "inference: " << error.message << '\n';
  return kFailure;
}

/// SIGTERM and SIGINT, blocked for this thread and those it starts, so that only StopOnSignal takes them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that leaves is an error of that write, not of the process
  return signals;
}

/// Stops the server at the first signal; ends when it is destroyed.
class StopOnSignal {
 public:
  /// From the signal on the process has `drain` to end.
  StopOnSignal(sigset_t signals, http::Server& server, ExitGuard& guard, std::chrono::seconds drain, const Log& log)
      : waiter_([signals, &server, &guard, drain, log](const std::stop_token& stop) {
          const timespec pause{0, 100'000'000};  // how often the end of the server is noticed
          while (!stop.stop_requested()) {
            const int signal = sigtimedwait(&signals, nullptr, &pause);
            if (signal <= 0) continue;
            log->info("{}: finishing the requests in flight, then exiting", signal == SIGTERM ? "SIGTERM" : "SIGINT");
            guard.arm(drain);
            server.stop();
          }
        }) {}

 private:
  std::jthread waiter_;
};

void print_start(const ServerSettings& settings, std::uint16_t port, const std::vector<std::string>& models,
                 const engine::EngineInfo& engine) {
  // A server on all addresses is shown by the one that works in a browser here.
  const std::string address = settings.host == "0.0.0.0" || settings.host == "::" ? "localhost" : settings.host;
  const std::string url = (settings.enable_https ? "https://" : "http://") + address + ":" + std::to_string(port);
  std::cout << "Osprey is listening on " << url << '\n'
            << "Engine: " << engine.name << ' ' << engine.version << " on " << engine.device << ", " << engine.threads
            << " threads\n";
  if (!settings.registry_url.empty()) {
    std::cout << "Models that are not there come from " << settings.registry_url
              << (settings.offline ? " (not now: offline)" : "") << ", kept in " << settings.cache.string() << '\n';
  }
  if (models.empty()) {
    std::cout << "No models in " << settings.models.string() << "; put a package at <project>/<version>/ there\n";
  } else {
    std::cout << "Models in " << settings.models.string() << ":";
    for (const auto& model : models) std::cout << ' ' << model;
    std::cout << "\nTry: base64 -w0 image.jpg | curl -s -d @- '" << url << '/' << models.front() << "?confidence=40'\n";
  }
  if (geteuid() == 0) std::cout << "Running as root, which nothing here needs: see docs/security.md\n";
  std::cout << std::flush;
}

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
  options.pinned = settings.pinned_models;
  options.preload = settings.preload_models;
  options.preload_key = settings.preload_api_key;
  options.check_access = settings.models_cache_auth_enabled;
  return options;
}

registry::LoaderContext loader_context(const ServerSettings& settings, engine::Engine& engine,
                                       scheduler::Scheduler& scheduler, const std::shared_ptr<const Clock>& clock,
                                       const Log& log) {
  return {engine, scheduler, clock, log, settings.cache.empty() ? std::filesystem::path() : settings.cache / "engine"};
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

http::ServerOptions http_options(const ServerSettings& settings) {
  http::ServerOptions options;
  options.host = settings.host;
  options.port = settings.port;
  options.limits.body_bytes = settings.max_body_mib << 20;
  options.limits.bodies_bytes = settings.max_bodies_mib << 20;
  options.limits.header_bytes = settings.max_header_kib << 10;
  options.limits.header_fields = settings.max_header_fields;
  options.limits.connections = settings.max_connections;
  options.limits.connections_per_address = settings.max_connections_per_address;
  options.limits.header_time = std::chrono::seconds(settings.header_seconds);
  options.limits.body_time = std::chrono::seconds(settings.body_seconds);
  options.limits.write_time = std::chrono::seconds(settings.write_seconds);
  options.limits.idle_time = std::chrono::seconds(settings.idle_seconds);
  options.limits.drain_time = std::chrono::seconds(settings.drain_seconds);
  if (settings.enable_https) {
    options.tls = http::TlsOptions{settings.ssl_certfile, settings.ssl_keyfile, settings.ssl_keyfile_password};
  }
  options.allow_origins = settings.allow_origins;
  return options;
}

}  // namespace

int start_server(const ServerSettings& settings) {
  const sigset_t signals = block_stop_signals();
  const auto logs = settings.enable_in_memory_logs ? std::make_shared<LogRing>(kLogLines) : nullptr;
  auto made_log = make_log(settings.log_level, logs.get());
  if (!made_log) return fail(made_log.error());
  const Log log = *made_log;
  harden_process(settings.core_dumps, log);
  if (settings.decode_scale != "off" && settings.decode_scale != "auto") {
    return fail({Code::invalid_argument, "decode_scale: expected off or auto, not '" + settings.decode_scale + "'"});
  }
  auto folder = open_folder(settings);
  if (!folder) return fail(folder.error());
  const auto models = *folder ? (*folder)->list() : std::vector<std::string>();
  auto engine = engine::create_engine(settings.backend, log);
  if (!engine) return fail(engine.error());

  vision::use_single_threaded_opencv();
  const auto clock = std::make_shared<SteadyClock>();
  ExitGuard guard(log);  // first, to outlive all that could hang at its end
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  service::set_up_allocator(threads);
  scheduler::Scheduler scheduler(threads, clock, std::chrono::seconds(settings.hang_seconds));
  auto hub = make_hub(settings, clock, log);
  if (!hub) return fail(hub.error());
  auto catalog = std::make_shared<server::ModelCatalog>(*folder, **engine);
  registry::ModelRegistry registry(registry_options(settings), std::move(folder).value(),
                                   loader_context(settings, **engine, scheduler, clock, log), hub->get());
  service::PredictionService service(service_options(settings, threads), registry, scheduler, clock);
  const scheduler::Watchdog watchdog(kWatchInterval, {[&] { scheduler.check(); }, [&] { service.check_deadlines(); }});
  const server::RouteContext routes{
      .service = service,
      .registry = registry,
      .clock = clock,
      .log = log,
      .version = OSPREY_VERSION,
      .server_id = settings.server_id.empty() ? make_uuid_hex() : settings.server_id,
      .request_time = std::chrono::seconds(settings.request_seconds),
      .ready = [&registry] { return registry.preloaded(); },
      .hangs = [&scheduler] { return !scheduler.threads().any_free(); },
      .metrics = std::make_shared<server::Metrics>(scheduler, registry, hub->get(), clock),
      .access = std::make_shared<server::Access>(settings.server_keys, settings.allow_api_key_from_headers),
      .logs = logs,
      .switches = {settings.legacy_route_enabled, settings.get_model_registry_enabled, settings.allow_numpy_input},
      .max_images = settings.max_images,
      .max_json_depth = static_cast<int>(settings.max_json_depth),
      .management = settings.allow_model_management
                        ? std::make_shared<server::ModelManagement>(registry::OwnModels(settings.models, **engine))
                        : nullptr,
      .catalog = std::move(catalog)};
  auto server = http::Server::create(http_options(settings), server::make_handler(routes), log);
  if (!server) return fail(server.error());
  print_start(settings, (*server)->port(), models, (*engine)->info());

  std::size_t given_up = 0;
  std::atomic<bool> nothing_to_serve{false};
  {
    const StopOnSignal stop(signals, **server, guard, std::chrono::seconds(settings.drain_seconds), log);
    const ModelCheck check(settings.models, settings.backend, [&](int exit_code) {
      if (exit_code != kNoneSound || !settings.registry_url.empty()) return;
      nothing_to_serve = true;  // the check has said why
      (*server)->stop();
    });
    given_up = (*server)->run();
  }
  scheduler.stop();  // before the service: no job may outlive it
  if (given_up > 0) log->warn("{} requests were still in flight when the time to finish them was over", given_up);
  if (!nothing_to_serve) log->info("stopped");
  return given_up == 0 && !nothing_to_serve ? kSuccess : kFailure;
}

}  // namespace osprey::cli
