#include "hub/held_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "hub/manifest.hpp"

namespace osprey::hub {

namespace fs = std::filesystem;

namespace {

bool is_entry(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / kManifestName, error);
}

}  // namespace

std::optional<HeldFolder> HeldFolder::hold(const fs::path& folder) {
  FileHandle lock(open((folder / kLockName).c_str(), O_RDONLY | O_CLOEXEC));
  // A file system without locks gives packages unlocked rather than none.
  if (lock && !try_lock(lock, LockKind::shared) && errno == EWOULDBLOCK) return std::nullopt;
  // Looked for after the lock: whoever removes the folder has removed the manifest before he tries the lock.
  if (!is_entry(folder)) return std::nullopt;
  return HeldFolder(folder, std::move(lock));
}

HeldFolder::HeldFolder(HeldFolder&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), lock_(std::move(other.lock_)) {}

HeldFolder::~HeldFolder() {
  if (folder_.empty()) return;
  lock_ = FileHandle();
  if (!is_entry(folder_)) remove_if_free(folder_);
}

void HeldFolder::touch() const {
  if (lock_) (void)futimens(lock_.get(), nullptr);
}

void remove_if_free(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return;
  const FileHandle lock(open((folder / kLockName).c_str(), O_RDWR | O_CLOEXEC));
  if (lock && (!try_lock(lock, LockKind::exclusive) || !is_same_file(lock, folder / kLockName))) return;
  if (!lock && errno != ENOENT) return;
  fs::remove_all(folder, error);
  fs::remove(folder.parent_path(), error);  // the model's, when this was its last
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->symlink_status(ignored).type() == fs::file_type::directory) folders.push_back(it->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace osprey::hub
