// A package folder of the cache and the lock that keeps it there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hub/file_handle.hpp"

namespace osprey::hub {

inline constexpr const char* kLockName = ".lock";

/// Keeps a package folder from being removed. When it goes and the folder is no entry any more, the folder goes, too.
class HeldFolder {
 public:
  /// None when the folder is being removed, or gone.
  [[nodiscard]] static std::optional<HeldFolder> hold(const std::filesystem::path& folder);
  HeldFolder(HeldFolder&& other) noexcept;
  HeldFolder& operator=(HeldFolder&&) = delete;
  HeldFolder(const HeldFolder&) = delete;
  ~HeldFolder();

  /// Notes that the package was used now; for eviction. Failing to is no error.
  void touch() const;

 private:
  HeldFolder(std::filesystem::path folder, FileHandle lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  std::filesystem::path folder_;  // empty: moved from
  FileHandle lock_;               // none in a cache that was copied without its hidden files
};

/// Removes a folder that is no entry (any more), unless it is held or somebody else does.
void remove_if_free(const std::filesystem::path& folder);

/// The folders in a folder, sorted by name; none when it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> folders_in(const std::filesystem::path& folder);

}  // namespace osprey::hub
