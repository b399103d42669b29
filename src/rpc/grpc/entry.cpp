#include "rpc/entry.hpp"

#include "rpc/grpc/grpc_server.hpp"

#define OSPREY_EXPORT __attribute__((visibility("default")))

extern "C" {

OSPREY_EXPORT extern const char* const osprey_rpc_version;
const char* const osprey_rpc_version = OSPREY_RPC_VERSION;

OSPREY_EXPORT void osprey_rpc_start_server(const osprey::rpc::ServerOptions& options, osprey::rpc::Backend& backend,
                                           const osprey::Log& log,
                                           osprey::Result<std::unique_ptr<osprey::rpc::Server>>* result) {
  *result = osprey::rpc::GrpcServer::create(options, backend, log);
}

}  // extern "C"
