#include "rpc/grpc/credentials.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace osprey::rpc {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Error unusable(std::string_view what, const std::filesystem::path& file, std::string_view why) {
  return {Code::invalid_argument, "the TLS " + std::string(what) + " " + file.string() +
                                      " cannot be used: " + std::string(why) + "; a PEM file is expected"};
}

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return reason == nullptr ? "it cannot be read" : reason;
}

std::optional<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

Bio memory_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
}

int give_password(char* buffer, int size, int /*writing*/, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  const auto length = std::min(text.size(), static_cast<std::size_t>(size));
  std::memcpy(buffer, text.data(), length);
  return static_cast<int>(length);
}

/// The key without its password, which gRPC could not be given.
std::string plain_key(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<std::shared_ptr<::grpc::ServerCredentials>> make_credentials(const TlsFiles& files) {
  const auto certificate_text = read_file(files.certificate);
  if (!certificate_text) return unusable("certificate", files.certificate, "it cannot be opened");
  const auto key_text = read_file(files.key);
  if (!key_text) return unusable("key", files.key, "it cannot be opened");
  const Certificate certificate(PEM_read_bio_X509(memory_of(*certificate_text).get(), nullptr, nullptr, nullptr),
                                &X509_free);
  if (!certificate) return unusable("certificate", files.certificate, openssl_reason());
  std::string password = files.key_password;
  const Key key(PEM_read_bio_PrivateKey(memory_of(*key_text).get(), nullptr, give_password, &password), &EVP_PKEY_free);
  if (!key) return unusable("key", files.key, openssl_reason());
  if (X509_check_private_key(certificate.get(), key.get()) != 1) return unusable("key", files.key, openssl_reason());

  ::grpc::SslServerCredentialsOptions options;  // which asks clients for no certificate
  options.pem_key_cert_pairs.push_back({plain_key(key.get()), *certificate_text});
  return ::grpc::SslServerCredentials(options);
}

}  // namespace osprey::rpc
