// The server: a port, gRPC's set-up, the end.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include "rpc/grpc/byte_budget.hpp"
#include "rpc/grpc/call.hpp"
#include "rpc/grpc/open_calls.hpp"
#include "rpc/server.hpp"

namespace osprey::rpc {

/// A server on gRPC's callback interface: its threads tell of events and wait for nothing.
class GrpcServer final : public Server {
 public:
  /// A server that is started; see start_server(). `backend` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(const ServerOptions& options, Backend& backend,
                                                              const Log& log);
  /// One that is not started yet.
  GrpcServer(const ServerOptions& options, Backend& backend);
  ~GrpcServer() override;
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  [[nodiscard]] std::uint16_t port() const override { return static_cast<std::uint16_t>(port_); }
  [[nodiscard]] std::size_t calls() const override { return open_.count(); }
  void stop(std::chrono::milliseconds drain) override;
  [[nodiscard]] std::size_t wait() override;

 private:
  /// Makes a Call of each that comes.
  class Service final : public ::grpc::CallbackGenericService {
   public:
    explicit Service(const CallContext& context) : context_(context) {}
    ::grpc::ServerGenericBidiReactor* CreateReactor(::grpc::GenericCallbackServerContext* call) override;

   private:
    const CallContext& context_;
  };

  [[nodiscard]] Status listen(const ServerOptions& options);
  void watch(const std::stop_token& stop);

  Backend& backend_;
  const Limits limits_;
  ByteBudget budget_;
  OpenCalls open_;
  std::atomic<std::size_t> given_up_{0};
  std::atomic<std::chrono::steady_clock::time_point> cut_off_at_{std::chrono::steady_clock::time_point::max()};
  const CallContext context_;
  Service service_;
  std::unique_ptr<::grpc::Server> server_;
  int port_ = 0;
  std::mutex mutex_;  // guards the starts of stopper_ and the waits for it
  std::condition_variable_any wake_;
  std::jthread watcher_;  // ends calls whose client sends nothing
  std::jthread stopper_;  // waits for the end
};

}  // namespace osprey::rpc
