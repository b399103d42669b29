#include "hub/verification.hpp"

#include <utility>

#include <sys/stat.h>

#include "hub/digest.hpp"

namespace osprey::hub {
namespace {

constexpr std::size_t kMostKnown = 10'000;

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Status FileVerifier::check(const std::filesystem::path& path, const std::string& md5, const std::uint64_t* bytes,
                           bool follow_links) {
  const std::string name = path.filename().string();
  struct stat found{};
  if ((follow_links ? stat(path.c_str(), &found) : lstat(path.c_str(), &found)) != 0) {
    return Error{Code::data_corrupted, name + " is missing"};
  }
  if (!S_ISREG(found.st_mode)) return Error{Code::data_corrupted, name + " is no regular file"};
  const auto size = static_cast<std::uint64_t>(found.st_size);
  if (bytes != nullptr && size != *bytes) {
    return Error{Code::data_corrupted,
                 name + " has " + std::to_string(size) + " bytes; " + std::to_string(*bytes) + " are right"};
  }
  // The time of change, not of modification: the latter can be set.
  Known now{size, nanoseconds(found.st_ctim), {}};
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    if (files_.size() > kMostKnown) files_.clear();
    auto& kept = files_[State{found.st_dev, found.st_ino}];
    if (!kept) kept = std::make_shared<Slot>();
    slot = kept;
  }
  const std::lock_guard reading(slot->reading);
  {
    const std::lock_guard lock(mutex_);
    now.md5 = md5;
    if (slot->known == now) return {};
  }
  auto hash = md5_of_file(path);
  if (!hash) return Error{Code::data_corrupted, std::move(hash).error().message};
  if (*hash != md5) return Error{Code::data_corrupted, name + " does not have the hash that it should have"};
  const std::lock_guard lock(mutex_);
  slot->known = std::move(now);
  return {};
}

Status FileVerifier::check(const std::filesystem::path& folder, const Manifest& manifest) {
  for (const FileRecord& file : manifest.files) {
    if (auto good = check(folder / file.name, file.md5, &file.bytes, /*follow_links=*/false); !good) return good;
  }
  return {};
}

void FileVerifier::trust(const std::filesystem::path& folder, const Manifest& manifest) {
  for (const FileRecord& file : manifest.files) {
    struct stat found{};
    if (lstat((folder / file.name).c_str(), &found) != 0) continue;
    const std::lock_guard lock(mutex_);
    auto slot = std::make_shared<Slot>();
    slot->known = {static_cast<std::uint64_t>(found.st_size), nanoseconds(found.st_ctim), file.md5};
    files_[State{found.st_dev, found.st_ino}] = std::move(slot);
  }
}

}  // namespace osprey::hub
