#include "rpc/grpc/credentials.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "running_grpc.hpp"

namespace osprey::rpc {
namespace {

/// A key and a certificate of its own for 127.0.0.1.
class CertificateFolder {
 public:
  explicit CertificateFolder(const std::string& password = "") {
    folder_ = std::filesystem::temp_directory_path() /
              ("osprey-rpc-" + std::to_string(getpid()) + "-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    std::filesystem::create_directories(folder_);
    files = {folder_ / "server.crt", folder_ / "server.key", password};
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_sign(certificate, key, EVP_sha256());
    write(files.certificate, [&](FILE* file) { PEM_write_X509(file, certificate); });
    write(files.key, [&](FILE* file) {
      const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
      PEM_write_PKCS8PrivateKey(file, key, cipher, password.data(), static_cast<int>(password.size()), nullptr,
                                nullptr);
    });
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~CertificateFolder() { std::filesystem::remove_all(folder_); }
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;

  [[nodiscard]] std::string certificate() const {
    std::ostringstream text;
    text << std::ifstream(files.certificate).rdbuf();
    return text.str();
  }
  TlsFiles files;

 private:
  static void write(const std::filesystem::path& path, const std::function<void(FILE*)>& put) {
    FILE* file = fopen(path.c_str(), "w");
    put(file);
    fclose(file);
  }
  std::filesystem::path folder_;
};

std::string refusal(const TlsFiles& files) {
  const auto made = make_credentials(files);
  EXPECT_FALSE(made);
  if (made) return "";
  EXPECT_EQ(made.error().code, Code::invalid_argument);
  return made.error().message;
}

TEST(Credentials, ServeTlsWithAKeyUnderAPassword) {
  const CertificateFolder folder("hidden");
  RunningGrpc running([&](ServerOptions& options) { options.tls = folder.files; });
  ::grpc::SslCredentialsOptions trusted;
  trusted.pem_root_certs = folder.certificate();
  ::grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel = ::grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(running.server->port()),
                                                   ::grpc::SslCredentials(trusted), arguments);
  ASSERT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)));
  const auto plain =
      running.client().ask("ServerLive", inference::ServerLiveRequest(), {.timeout = std::chrono::milliseconds(500)});
  EXPECT_FALSE(plain.status.ok());
}

TEST(Credentials, WhatCannotBeUsedIsNamed) {
  const CertificateFolder folder("hidden");
  const CertificateFolder other;
  auto files = folder.files;
  EXPECT_TRUE(make_credentials(files));
  files.key_password = "wrong";
  EXPECT_NE(refusal(files).find("server.key"), std::string::npos);
  files = folder.files;
  files.key = other.files.key;
  EXPECT_NE(refusal(files).find("mismatch"), std::string::npos);
  files = folder.files;
  files.certificate = folder.files.key;
  EXPECT_NE(refusal(files).find("server.key"), std::string::npos);
  files.certificate = "none.crt";
  EXPECT_NE(refusal(files).find("none.crt"), std::string::npos);
}

}  // namespace
}  // namespace osprey::rpc
