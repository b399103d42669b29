// The file of a cache entry that says what the entry holds. It is written last: a folder without it is no entry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osprey::hub {

/// Hidden, so that package ids and weights are not looked for in it.
inline constexpr const char* kManifestName = ".manifest.json";

struct FileRecord {
  std::string name;
  std::uint64_t bytes = 0;
  std::string md5;
};

struct Manifest {
  std::string model_id;
  std::string package_id;  ///< as the registry names it; empty in the older protocol
  std::vector<FileRecord> files;

  [[nodiscard]] std::uint64_t bytes() const;
};

/// The manifest of a folder; none when it has none. Errors: data_corrupted.
[[nodiscard]] Result<std::optional<Manifest>> read_manifest(const std::filesystem::path& folder);

/// Writes it to the disk. Errors: internal.
[[nodiscard]] Status write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace osprey::hub
