#include "cli/server_start.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

#include "base/log.hpp"
#include "base/log_ring.hpp"
#include "base/uuid.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_guard.hpp"
#include "cli/grpc_port.hpp"
#include "cli/model_check.hpp"
#include "cli/prediction_rooms.hpp"
#include "cli/process_hardening.hpp"
#include "http/server.hpp"
#include "server/routes.hpp"

namespace osprey::cli {
namespace {

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

/// How a server that is told to stop goes about it.
struct StopTimes {
  std::chrono::seconds delay;  ///< it goes on serving, but says that it is about to stop
  std::chrono::seconds drain;  ///< from then on, to answer what is in flight
};

/// Stops the server `delay` after the first signal, or at the second; ends when it is destroyed.
class StopOnSignal {
 public:
  /// `leaving` is set at the first signal.
  StopOnSignal(sigset_t signals, http::Server& server, GrpcPort& grpc, ExitGuard& guard, StopTimes times,
               std::atomic<bool>& leaving, const Log& log)
      : waiter_([signals, &server, &grpc, &guard, times, &leaving, log](const std::stop_token& stop) {
          const timespec pause{0, 100'000'000};  // how often the end of the server is noticed
          auto serve_until = std::chrono::steady_clock::time_point::max();
          while (!stop.stop_requested()) {
            const int signal = sigtimedwait(&signals, nullptr, &pause);
            const auto now = std::chrono::steady_clock::now();
            if (signal > 0 && !leaving.exchange(true) && times.delay > std::chrono::seconds::zero()) {
              log->info("{}: not ready any more, stopping in {} s", signal == SIGTERM ? "SIGTERM" : "SIGINT",
                        times.delay.count());
              serve_until = now + times.delay;
            } else if (signal > 0 || now >= serve_until) {
              log->info("finishing the requests in flight, then exiting");
              serve_until = std::chrono::steady_clock::time_point::max();
              guard.arm(times.drain);
              grpc.begin_stop(times.drain);
              server.stop();
            }
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
  if (settings.grpc_port != 0) std::cout << "gRPC (Open Inference Protocol): port " << settings.grpc_port << '\n';
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

int start_server(const ServerSettings& settings, const StartEvents& events) {
  const sigset_t signals = block_stop_signals();
  const auto logs = settings.enable_in_memory_logs ? std::make_shared<LogRing>(kLogLines) : nullptr;
  auto made_log = make_log(settings.log_level, logs.get());
  if (!made_log) return fail(made_log.error());
  const Log log = *made_log;
  harden_process(settings.core_dumps, log);
  ExitGuard guard(log);  // first, to outlive all that could hang at its end
  const auto made_rooms = PredictionRooms::create(settings, log);
  if (!made_rooms) return fail(made_rooms.error());
  auto& rooms = **made_rooms;
  const auto models = rooms.folder() ? rooms.folder()->list() : std::vector<std::string>();
  auto catalog = std::make_shared<server::ModelCatalog>(rooms.folder(), rooms.engine());
  std::atomic<bool> leaving{false};
  const server::RouteContext routes{
      .service = rooms.service(),
      .registry = rooms.registry(),
      .clock = rooms.clock(),
      .log = log,
      .version = OSPREY_VERSION,
      .server_id = settings.server_id.empty() ? make_uuid_hex() : settings.server_id,
      .request_time = std::chrono::seconds(settings.request_seconds),
      .ready = [&rooms] { return rooms.registry().preloaded(); },
      .leaving = [&leaving] { return leaving.load(); },
      .hangs = [&rooms] { return !rooms.scheduler().threads().any_free(); },
      .metrics = std::make_shared<server::Metrics>(rooms.scheduler(), rooms.registry(), rooms.hub(), rooms.clock()),
      .access = std::make_shared<server::Access>(settings.server_keys, settings.allow_api_key_from_headers),
      .logs = logs,
      .switches = {settings.legacy_route_enabled, settings.get_model_registry_enabled, settings.allow_numpy_input},
      .max_images = settings.max_images,
      .max_json_depth = static_cast<int>(settings.max_json_depth),
      .management = settings.allow_model_management ? std::make_shared<server::ModelManagement>(
                                                          registry::OwnModels(settings.models, rooms.engine()))
                                                    : nullptr,
      .catalog = std::move(catalog)};
  auto server = http::Server::create(http_options(settings), server::make_handler(routes), log);
  if (!server) return fail(server.error());
  auto grpc = GrpcPort::open(
      settings, server::make_oip_core(routes), rooms.clock(),
      [metrics = routes.metrics](auto method, auto status, double seconds) {
        metrics->grpc().answered(method, status, seconds);
      },
      log);
  if (!grpc) return fail(grpc.error());
  if (auto told = events.listening((*server)->port()); !told) return fail(told.error());
  print_start(settings, (*server)->port(), models, rooms.engine().info());

  std::size_t given_up = 0;
  std::atomic<bool> nothing_to_serve{false};
  {
    const StopTimes times{std::chrono::seconds(settings.drain_delay_seconds),
                          std::chrono::seconds(settings.drain_seconds)};
    const StopOnSignal stop(signals, **server, *grpc, guard, times, leaving, log);
    const ModelCheck check(settings.models, settings.backend, [&](int exit_code) {
      if (exit_code != kNoneSound || !settings.registry_url.empty()) return events.checked();
      nothing_to_serve = true;  // the check has said why
      (*server)->stop();
    });
    given_up = (*server)->run();
  }
  given_up += grpc->stop(std::chrono::seconds(settings.drain_seconds));
  rooms.stop();
  if (given_up > 0) log->warn("{} requests were still in flight when the time to finish them was over", given_up);
  if (!nothing_to_serve) log->info("stopped");
  if (given_up > 0 || nothing_to_serve) return kFailure;
  events.finished();
  return kSuccess;
}

}  // namespace osprey::cli
