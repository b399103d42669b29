#include "hub/file_handle.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace osprey::hub {

bool try_lock(const FileHandle& file, LockKind kind) {
  const int operation = (kind == LockKind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  int result = 0;
  do {
    result = flock(file.get(), operation);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

Result<FileHandle> lock_exclusively(const std::filesystem::path& path, const CancelToken& cancel) {
  using namespace std::chrono_literals;
  auto pause = 2ms;
  for (;;) {
    FileHandle file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file) return write_error(errno);
    while (!try_lock(file, LockKind::exclusive)) {
      if (errno != EWOULDBLOCK) return write_error(errno);
      if (cancel.cancelled()) return Error{Code::cancelled, "the wait for another download was cancelled"};
      std::this_thread::sleep_for(pause);  // polled: a blocking flock() could not be cancelled
      pause = std::min(pause * 2, 50ms);
    }
    if (is_same_file(file, path)) return file;
  }
}

bool is_same_file(const FileHandle& file, const std::filesystem::path& path) {
  struct stat open_file{};
  struct stat named_file{};
  return fstat(file.get(), &open_file) == 0 && stat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

Error write_error(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return {Code::internal, "the model cache is full: make room on its disk, or set a size limit for it"};
    default:
      return {Code::internal, "the model cache cannot be written: " + std::generic_category().message(error_number)};
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const FileHandle handle(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle) (void)fsync(handle.get());
}

}  // namespace osprey::hub
