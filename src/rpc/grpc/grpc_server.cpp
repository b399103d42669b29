#include "rpc/grpc/grpc_server.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include "rpc/grpc/credentials.hpp"

namespace osprey::rpc {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{1000};
constexpr std::chrono::milliseconds kCutOffMargin{50};  // for clocks that do not go alike
constexpr int kPingInterval = 10'000;  // the least between a client's pings, ms: more often, and it is let go

/// "host:port", an IPv6 address in brackets.
std::string address(const std::string& host, int port) {
  const bool is_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

int clamped(std::size_t value) {
  return static_cast<int>(std::min<std::size_t>(value, std::numeric_limits<int>::max()));
}
int clamped(std::chrono::milliseconds value) {
  return clamped(static_cast<std::size_t>(value.count()));
}

/// Why an address cannot be listened on, which gRPC does not tell: found out by trying it.
Error bind_error(const std::string& host, std::uint16_t port) {
  const std::string shown = address(host, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return {Code::invalid_argument, "gRPC: '" + host + "' is neither an address of this machine nor a name of one"};
  }
  const int handle = socket(found->ai_family, found->ai_socktype, 0);
  const int on = 1;
  setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int failed = bind(handle, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  freeaddrinfo(found);
  close(handle);
  if (failed == EACCES) return {Code::permission_denied, "gRPC: no right to listen on " + shown};
  if (failed == EADDRNOTAVAIL) return {Code::invalid_argument, "gRPC: " + host + " is no address of this machine"};
  if (failed != 0 && failed != EADDRINUSE) return {Code::unavailable, "gRPC: " + shown + ": " + std::strerror(failed)};
  return {Code::unavailable,
          "gRPC: port " + std::to_string(port) + " is in use; choose another with --grpc-port or stop what uses it"};
}

void set_limits(const Limits& limits, ::grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(clamped(limits.message_bytes));
  builder.SetMaxSendMessageSize(-1);
  // What lies in gRPC's own buffers, beside the messages that were handed over.
  ::grpc::ResourceQuota quota("osprey");
  quota.Resize(limits.messages_bytes);
  builder.SetResourceQuota(quota);
  // A compressed message may become a thousand times as large before anybody can look at it.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, clamped(limits.metadata_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, clamped(limits.calls_per_address));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, clamped(limits.handshake_time));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, clamped(limits.idle_time));
  // Whoever is gone without a word is noticed.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, clamped(limits.idle_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, clamped(limits.handshake_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingInterval);
}

}  // namespace

Result<std::unique_ptr<Server>> GrpcServer::create(const ServerOptions& options, Backend& backend, const Log& log) {
  // What it would write to standard error of every connection that fails is of clients' making.
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {
    gpr_set_log_verbosity(static_cast<gpr_log_severity>(GPR_LOG_SEVERITY_ERROR + 1));
  }
  auto server = std::make_unique<GrpcServer>(options, backend);
  if (auto listens = server->listen(options); !listens) return std::move(listens).error();
  log->debug("gRPC {} listens on {}", ::grpc::Version(), address(options.host, server->port_));
  return std::unique_ptr<Server>(std::move(server));
}

GrpcServer::GrpcServer(const ServerOptions& options, Backend& backend)
    : backend_(backend),
      limits_(options.limits),
      budget_(limits_.messages_bytes),
      open_(limits_.calls, limits_.calls_per_address),
      context_{{backend_, limits_, budget_}, options.bearer_keys, open_, given_up_, cut_off_at_},
      service_(context_) {}

Status GrpcServer::listen(const ServerOptions& options) {
  auto credentials = ::grpc::InsecureServerCredentials();
  if (options.tls) {
    auto made = make_credentials(*options.tls);
    if (!made) return std::move(made).error();
    credentials = std::move(made).value();
  }
  ::grpc::ServerBuilder builder;
  set_limits(limits_, builder);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // else a second server would take half of the connections
  builder.AddListeningPort(address(options.host, options.port), credentials, &port_);
  builder.RegisterCallbackGenericService(&service_);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) return bind_error(options.host, options.port);
  watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  return {};
}

GrpcServer::~GrpcServer() {
  if (!server_) return;
  stop(std::chrono::milliseconds::zero());
  (void)wait();
}

::grpc::ServerGenericBidiReactor* GrpcServer::Service::CreateReactor(::grpc::GenericCallbackServerContext* call) {
  const auto made = std::make_shared<Call>(context_, *call);
  made->begin();
  return made.get();  // which owns itself until gRPC is done with it
}

void GrpcServer::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, kWatchInterval, [&] { return stop.stop_requested(); })) {
    lock.unlock();
    const TimePoint now = backend_.now();
    for (const auto& call : open_.all()) call->check(now);
    lock.lock();
  }
}

void GrpcServer::stop(std::chrono::milliseconds drain) {
  const std::lock_guard lock(mutex_);
  if (stopper_.joinable()) return;
  stopper_ = std::jthread([this, drain] {
    open_.close();
    for (const auto& call : open_.all()) call->drain();
    cut_off_at_ = std::chrono::steady_clock::now() + drain - kCutOffMargin;
    // Returns when all calls have ended; cancels those that have not by then.
    server_->Shutdown(std::chrono::system_clock::now() + drain);
    watcher_.request_stop();
  });
}

std::size_t GrpcServer::wait() {
  if (stopper_.joinable()) stopper_.join();
  return given_up_;
}

}  // namespace osprey::rpc
