// TLS of the gRPC server.
#pragma once

#include <memory>

#include <grpcpp/security/server_credentials.h>

#include "base/result.hpp"
#include "rpc/server.hpp"

namespace osprey::rpc {

/// Credentials for TLS 1.2 and 1.3. Errors: invalid_argument, naming the file and what is wrong with it.
[[nodiscard]] Result<std::shared_ptr<::grpc::ServerCredentials>> make_credentials(const TlsFiles& files);

}  // namespace osprey::rpc
