// The one function that the executable looks up in the library that holds gRPC.
#pragma once

#include <memory>

#include "rpc/server.hpp"

namespace osprey::rpc {

/// Names of the library and of its symbols. What is passed between them are C++ objects, so both have to be of one
/// build: kVersionSymbol is a `const char*` that has to be OSPREY_RPC_VERSION.
inline constexpr const char* kLibraryFile = "libosprey-grpc.so";
inline constexpr const char* kVersionSymbol = "osprey_rpc_version";
inline constexpr const char* kEntrySymbol = "osprey_rpc_start_server";

/// The signature of kEntrySymbol. Sets `result`, which may not be null.
using Entry = void (*)(const ServerOptions& options, Backend& backend, const Log& log,
                       Result<std::unique_ptr<Server>>* result);

}  // namespace osprey::rpc
