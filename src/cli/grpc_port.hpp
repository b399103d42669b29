// The port for gRPC, where one is set.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "cli/settings.hpp"
#include "oip/core.hpp"
#include "rpc/core_backend.hpp"
#include "rpc/server.hpp"

namespace osprey::cli {

/// A gRPC server and what it stands on. Without a port (--grpc-port 0) it is nothing, and nothing is loaded for it.
class GrpcPort {
 public:
  /// Begins to serve. Errors: those of rpc::start_server.
  [[nodiscard]] static Result<GrpcPort> open(const ServerSettings& settings, std::shared_ptr<oip::Core> core,
                                             std::shared_ptr<const Clock> clock, rpc::CoreBackend::Answered answered,
                                             const Log& log);

  /// See rpc::Server::stop(). Thread-safe.
  void begin_stop(std::chrono::milliseconds drain);
  /// Stops and waits for it. Returns the number of calls given up.
  [[nodiscard]] std::size_t stop(std::chrono::milliseconds drain);

 private:
  GrpcPort() = default;
  std::unique_ptr<rpc::CoreBackend> backend_;
  std::unique_ptr<rpc::Server> server_;  // last: it uses the backend
};

}  // namespace osprey::cli
