// Hashes: of files, to see that they are whole; of texts, to name folders and to remember keys without keeping them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osprey::hub {

/// An MD5 that grows with its data. Against damage, not against forgery: what the registry gives is MD5. Move-only.
class Md5 {
 public:
  Md5();
  Md5(Md5&&) noexcept;
  Md5& operator=(Md5&&) noexcept;
  ~Md5();

  void add(std::span<const std::byte> bytes);
  void restart();
  /// 32 hex digits of all that was added; ends the hash. Empty when the machine's OpenSSL forbids MD5.
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The MD5 of a file's bytes. Errors: unavailable (cannot be read), internal.
[[nodiscard]] Result<std::string> md5_of_file(const std::filesystem::path& file);

/// The MD5 of a text; empty as in finish().
[[nodiscard]] std::string md5(std::string_view text);

/// 64 hex digits.
[[nodiscard]] std::string sha256(std::string_view text);

/// Bytes as hex digits in lower case.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);

}  // namespace osprey::hub
