// TLS of the server: which versions and ciphers, and what is wrong with a certificate.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"
#include "http/server.hpp"

namespace osprey::http {

/// A context for accepting: TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3. Errors:
/// invalid_argument, naming the file and what is wrong with it.
[[nodiscard]] Result<boost::asio::ssl::context> make_tls_context(const TlsOptions& options);

}  // namespace osprey::http
