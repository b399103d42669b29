// Compiled networks on disk, each under the key of everything that it was made from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osprey::engine {

/// 128 bits that stand for a network, its settings, the engine and the processor.
using BlobKey = std::array<std::uint8_t, 16>;

/// A folder of blobs. What it reads is what was written, checked by its hash, or nothing: a file that is short, damaged
/// or of another form is removed. Thread-safe, also across processes: a blob appears whole or not at all.
class BlobStore {
 public:
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{2} << 30;

  /// The folder is made with the first write. Beyond `max_bytes` those go that were not read for longest.
  explicit BlobStore(std::filesystem::path folder, std::uint64_t max_bytes = kMaxBytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}

  /// Reads a blob to where `allocate` says (room for so many bytes). False: there is none that is sound.
  [[nodiscard]] bool read(const BlobKey& key, const std::function<char*(std::size_t bytes)>& allocate) const;

  /// Errors: internal, saying what the disk said; nothing half written is left.
  [[nodiscard]] Status write(const BlobKey& key, std::string_view blob) const;

  void remove(const BlobKey& key) const;

  /// The file of a key, be it there or not.
  [[nodiscard]] std::filesystem::path file(const BlobKey& key) const;

 private:
  void make_room(std::uint64_t bytes) const;

  std::filesystem::path folder_;
  std::uint64_t max_bytes_;
};

/// Whether a network that took `compile_seconds` to compile is worth a blob with `weight_bytes` of constants. Reading,
/// hashing and importing cost about half of what compiling does, and more the more bytes there are.
[[nodiscard]] bool is_worth_a_blob(double compile_seconds, std::size_t weight_bytes);

}  // namespace osprey::engine
