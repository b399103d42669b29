#include "cli/grpc_port.hpp"

#include <chrono>
#include <utility>

namespace osprey::cli {
namespace {

rpc::ServerOptions options_of(const ServerSettings& settings) {
  rpc::ServerOptions options;
  options.host = settings.host;
  options.port = settings.grpc_port;
  options.limits.message_bytes = settings.max_body_mib << 20;
  options.limits.messages_bytes = settings.max_bodies_mib << 20;
  options.limits.metadata_bytes = settings.max_header_kib << 10;
  options.limits.calls = settings.max_connections;
  options.limits.calls_per_address = settings.max_connections_per_address;
  options.limits.handshake_time = std::chrono::seconds(settings.header_seconds);
  options.limits.message_time = std::chrono::seconds(settings.body_seconds);
  options.limits.idle_time = std::chrono::seconds(settings.idle_seconds);
  options.bearer_keys = settings.allow_api_key_from_headers;
  if (settings.enable_https) {
    options.tls = rpc::TlsFiles{settings.ssl_certfile, settings.ssl_keyfile, settings.ssl_keyfile_password};
  }
  return options;
}

}  // namespace

Result<GrpcPort> GrpcPort::open(const ServerSettings& settings, std::shared_ptr<oip::Core> core,
                                std::shared_ptr<const Clock> clock, rpc::CoreBackend::Answered answered,
                                const Log& log) {
  GrpcPort port;
  if (settings.grpc_port == 0) return port;
  port.backend_ = std::make_unique<rpc::CoreBackend>(std::move(core), std::move(clock), std::move(answered));
  auto server = rpc::start_server(options_of(settings), *port.backend_, log);
  if (!server) return std::move(server).error();
  port.server_ = std::move(server).value();
  return port;
}

void GrpcPort::begin_stop(std::chrono::milliseconds drain) {
  if (server_) server_->stop(drain);
}

std::size_t GrpcPort::stop(std::chrono::milliseconds drain) {
  if (!server_) return 0;
  server_->stop(drain);
  return server_->wait();
}

}  // namespace osprey::cli
