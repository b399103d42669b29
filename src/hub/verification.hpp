// Whether files are what their hashes say; each is read once per process, as long as it does not change.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "hub/manifest.hpp"

namespace osprey::hub {

/// Thread-safe. Remembers files by device and inode, size and time of change, not by name.
class FileVerifier {
 public:
  /// Whether `path` is a regular file with that hash, and, when `bytes` is not null, of that size.
  /// `follow_links`: a link to such a file will do, too. Errors: data_corrupted naming the file and what is wrong.
  [[nodiscard]] Status check(const std::filesystem::path& path, const std::string& md5, const std::uint64_t* bytes,
                             bool follow_links);

  /// Every file of a manifest.
  [[nodiscard]] Status check(const std::filesystem::path& folder, const Manifest& manifest);

  /// Takes a file's hash for known: it was computed while the file was written.
  void trust(const std::filesystem::path& folder, const Manifest& manifest);

 private:
  struct State {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    auto operator<=>(const State&) const = default;
  };
  struct Known {
    std::uint64_t bytes = 0;
    std::int64_t changed = 0;  // nanoseconds
    std::string md5;
    bool operator==(const Known&) const = default;
  };
  struct Slot {
    std::mutex reading;  // one reader a file; the others find its result
    Known known;         // under mutex_
  };

  std::mutex mutex_;
  std::map<State, std::shared_ptr<Slot>> files_;
};

}  // namespace osprey::hub
