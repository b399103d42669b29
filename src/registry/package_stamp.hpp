// What tells that a package's files have changed, without reading them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace osprey::registry {

/// A regular file as the file system tells it; links are followed.
struct FileStamp {
  std::string name;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< ns; of the content
  std::int64_t changed = 0;  ///< ns; of the content or its inode: copies that keep the time of modification differ here
  bool operator==(const FileStamp&) const = default;
};

/// Equal stamps: the same files. Two that differ say nothing of the content.
struct PackageStamp {
  std::string folder;            ///< empty: no package
  std::vector<FileStamp> files;  ///< sorted by name
  bool operator==(const PackageStamp&) const = default;
};

/// The stamp of a folder as it is now; costs one stat a file. A folder that cannot be read has no files.
[[nodiscard]] PackageStamp stamp_of(const std::filesystem::path& folder);

}  // namespace osprey::registry
