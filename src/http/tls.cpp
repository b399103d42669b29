#include "http/tls.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace osprey::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// Of TLS 1.2; OpenSSL's own choice for 1.3 has no others than these kinds.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// This server speaks HTTP/1.1 only, and says so to those who ask (RFC 7301).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, chosen_length, kHttp11, sizeof kHttp11, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = selected;
  return SSL_TLSEXT_ERR_OK;
}

Error unusable(std::string_view what, const std::filesystem::path& file, const error_code& error) {
  return {Code::invalid_argument, "the TLS " + std::string(what) + " " + file.string() +
                                      " cannot be used: " + error.message() + "; a PEM file is expected"};
}

}  // namespace

Result<ssl::context> make_tls_context(const TlsOptions& options) {
  ssl::context context(ssl::context::tls_server);
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kCiphers);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps none
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);

  error_code error;
  context.set_password_callback(
      [password = options.key_password](std::size_t, ssl::context::password_purpose) { return password; }, error);
  context.use_certificate_chain_file(options.certificate.string(), error);
  if (error) return unusable("certificate", options.certificate, error);
  // Fails, too, when it is not the certificate's.
  context.use_private_key_file(options.key.string(), ssl::context::pem, error);
  if (error) return unusable("key", options.key, error);
  return context;
}

}  // namespace osprey::http
