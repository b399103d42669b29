#include "registry/package_stamp.hpp"

#include <algorithm>
#include <system_error>

#include <sys/stat.h>

namespace osprey::registry {
namespace {

// Packages have a dozen files; a folder with more than this is none (package::make_package_id refuses it).
constexpr std::size_t kMaxFiles = 1000;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

PackageStamp stamp_of(const std::filesystem::path& folder) {
  PackageStamp stamp{folder.string(), {}};
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    struct stat found{};
    if (::stat(it->path().c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    stamp.files.push_back({it->path().filename().string(), found.st_ino, static_cast<std::uint64_t>(found.st_size),
                           nanoseconds(found.st_mtim), nanoseconds(found.st_ctim)});
    if (stamp.files.size() > kMaxFiles) break;
  }
  std::sort(stamp.files.begin(), stamp.files.end(),
            [](const FileStamp& a, const FileStamp& b) { return a.name < b.name; });
  return stamp;
}

}  // namespace osprey::registry
