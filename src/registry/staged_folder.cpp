#include "registry/staged_folder.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "package/package_writer.hpp"

namespace osprey::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".staged-";

/// The rest of its path does not concern those whom a message may reach.
std::string name_of(const fs::path& folder) {
  return folder.filename().string();
}

Error failure(const fs::path& path) {
  return {Code::internal, name_of(path) + " cannot be put in place: " + std::strerror(errno)};
}

/// A lock on a folder, held by the descriptor; -1 when another has it, or it is gone.
int lock_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return -1;
  struct stat held{};
  struct stat there{};
  // It may have been removed between open() and the lock.
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && ::fstat(descriptor, &held) == 0 &&
      ::stat(folder.c_str(), &there) == 0 && held.st_ino == there.st_ino) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

/// Removes what killed processes left: staged folders that nobody holds.
void sweep(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kPrefix)) left.push_back(it->path());
  }
  for (const auto& folder : left) {
    const int lock = lock_folder(folder);
    if (lock < 0) continue;
    fs::remove_all(folder, error);
    ::close(lock);
  }
}

std::vector<fs::path> missing_above(const fs::path& target) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (auto folder = target.parent_path(); !folder.empty() && !fs::exists(folder, error);
       folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  return missing;
}

}  // namespace

Result<StagedFolder> StagedFolder::beside(const fs::path& target) {
  const fs::path parent = target.parent_path();
  const auto made = missing_above(target);
  constexpr int kTries = 8;  // another's sweep may take it before it is locked
  for (int i = 0; i < kTries; ++i) {
    std::error_code error;
    fs::create_directories(parent, error);
    if (error) return Error{Code::internal, "the folder " + name_of(parent) + " cannot be made: " + error.message()};
    sweep(parent);
    std::string name = (parent / kPrefix).string() + "XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      if (errno == ENOENT) continue;  // another has removed the empty parent
      return Error{Code::internal, "the folder " + name_of(parent) + " cannot be written: " + std::strerror(errno)};
    }
    const int lock = lock_folder(name);
    if (lock < 0) continue;
    StagedFolder staged(target, name, lock);
    staged.made_ = made;
    fs::create_directories(staged.package(), error);
    if (error) return failure(staged.package());
    return staged;
  }
  return Error{Code::internal, "no folder can be made in " + name_of(parent)};
}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::move(other.path_)),
      made_(std::move(other.made_)),
      lock_(std::exchange(other.lock_, -1)) {}

StagedFolder::~StagedFolder() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(lock_);
  for (const auto& folder : made_) (void)::rmdir(folder.c_str());  // which leaves one that has entries
}

Result<bool> StagedFolder::put_in_place(bool replace) {
  if (auto synced = package::sync_folder(package()); !synced) return std::move(synced).error();
  const auto from = package();
  bool replaced = false;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0) {
    const auto taken = [] { return errno == EEXIST || errno == ENOTEMPTY; };
    // A file system without these flags: plain renames, with a moment in which nothing is there.
    const bool plain = errno == EINVAL || errno == ENOSYS;
    if (plain && ::rename(from.c_str(), target_.c_str()) == 0) return false;
    if (!taken()) return failure(target_);
    if (!replace) return Error{Code::invalid_argument, target_.filename().string() + " is there already"};
    replaced = true;
    const auto old = inside() / "replaced";
    if (plain) {
      if (::rename(target_.c_str(), old.c_str()) != 0 || ::rename(from.c_str(), target_.c_str()) != 0) {
        return failure(target_);
      }
    } else if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
      return failure(target_);
    }
  }
  (void)package::sync_folder(target_.parent_path());
  return replaced;
}

Status StagedFolder::take_away() {
  if (::rename(target_.c_str(), (inside() / "removed").c_str()) != 0) {
    const auto code = errno == ENOENT ? Code::not_found : Code::internal;
    return Error{code, target_.filename().string() + " cannot be taken away: " + std::strerror(errno)};
  }
  (void)package::sync_folder(target_.parent_path());
  return {};
}

}  // namespace osprey::registry
