// A file descriptor with an owner, and the lock on it.
#pragma once

#include <filesystem>
#include <utility>

#include <unistd.h>

#include "base/cancel_token.hpp"
#include "base/result.hpp"

namespace osprey::hub {

/// Closes its descriptor, which ends the locks on it. Move-only.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

enum class LockKind { shared, exclusive };

/// Takes a lock (flock) on an open file without waiting; whether it was free. It is of the open file, so that two
/// handles exclude each other within a process as between processes, and it ends with its process, however that ends.
[[nodiscard]] bool try_lock(const FileHandle& file, LockKind kind);

/// Waits for an exclusive lock on `path`, which is made when it is not there. Errors: cancelled; internal (see
/// write_error).
[[nodiscard]] Result<FileHandle> lock_exclusively(const std::filesystem::path& path, const CancelToken& cancel);

/// Whether `path` still is the file that is open: not removed, not replaced.
[[nodiscard]] bool is_same_file(const FileHandle& file, const std::filesystem::path& path);

/// Why the cache could not be written, by errno, without saying where: "the model cache is full", "... cannot be
/// written: Permission denied". Code internal.
[[nodiscard]] Error write_error(int error_number);

/// Brings a folder's names to the disk; failing to is no error (some file systems cannot).
void sync_folder(const std::filesystem::path& folder);

}  // namespace osprey::hub
