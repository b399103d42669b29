#include "hub/digest.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <unistd.h>

#include "hub/file_handle.hpp"

namespace osprey::hub {

struct Md5::State {
  struct Deleter {
    void operator()(EVP_MD_CTX* made) const { EVP_MD_CTX_free(made); }
  };
  std::unique_ptr<EVP_MD_CTX, Deleter> context{EVP_MD_CTX_new()};
  bool good = false;
};

Md5::Md5() : state_(std::make_unique<State>()) {
  restart();
}
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;
Md5::~Md5() = default;

void Md5::restart() {
  state_->good = state_->context && EVP_DigestInit_ex(state_->context.get(), EVP_md5(), nullptr) == 1;
}

void Md5::add(std::span<const std::byte> bytes) {
  if (state_->good) state_->good = EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1;
}

std::string Md5::finish() {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (!state_->good ||
      EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), &length) != 1) {
    return {};
  }
  state_->good = false;
  return to_hex(std::span(digest).first(length));
}

Result<std::string> md5_of_file(const std::filesystem::path& file) {
  const FileHandle handle(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const auto unreadable = [&](int error) {
    return Error{Code::unavailable,
                 file.filename().string() + " cannot be read: " + std::generic_category().message(error)};
  };
  if (!handle) return unreadable(errno);
  Md5 digest;
  std::vector<std::byte> buffer(std::size_t{1} << 20U);
  for (;;) {
    const ssize_t count = read(handle.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(errno);
    if (count == 0) break;
    digest.add(std::span(buffer).first(static_cast<std::size_t>(count)));
  }
  std::string text = digest.finish();
  if (text.empty()) return Error{Code::internal, "this machine's OpenSSL does not compute MD5"};
  return text;
}

std::string md5(std::string_view text) {
  Md5 digest;
  digest.add(std::as_bytes(std::span(text)));
  return digest.finish();
}

std::string sha256(std::string_view text) {
  std::array<std::byte, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

}  // namespace osprey::hub
