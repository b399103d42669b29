#include "hub/disk_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/uuid.hpp"
#include "hub/held_folder.hpp"
#include "hub/names.hpp"

namespace osprey::hub {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kLockSuffix = ".lock";

/// A name that sorts behind all that were made before.
std::string generation_name() {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  std::string digits = std::to_string(now.count());
  constexpr std::size_t kDigits = 14;
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return digits + '-' + make_uuid_hex().substr(0, 8);
}

/// Ends an entry; whether this call did.
bool remove_manifest(const fs::path& folder) {
  std::error_code error;
  return fs::remove(folder / kManifestName, error);
}

}  // namespace

StagingFolder::~StagingFolder() {
  if (!lock_) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  fs::remove(folder_.string() + std::string(kLockSuffix), ignored);
}

DiskCache::DiskCache(fs::path root, Log log) : root_(std::move(root)), log_(std::move(log)) {}

fs::path DiskCache::model_folder(std::string_view model_id) const {
  return packages() / entry_name(model_id);
}

Result<std::optional<HeldPackage>> DiskCache::find(std::string_view model_id, bool repair) {
  std::optional<Error> damage;
  auto generations = folders_in(model_folder(model_id));
  std::reverse(generations.begin(), generations.end());  // the newest first
  for (const fs::path& folder : generations) {
    auto held = HeldFolder::hold(folder);
    if (!held) continue;
    auto manifest = read_manifest(folder);
    Status good = manifest ? Status() : Status(manifest.error());
    if (good && !manifest->has_value()) continue;
    if (good && (*manifest)->model_id != model_id) good = Error{Code::data_corrupted, "it is of another model"};
    if (good) good = verifier_.check(folder, **manifest);
    if (good) {
      held->touch();
      return std::optional(
          HeldPackage{folder, (*manifest)->package_id, std::make_shared<HeldFolder>(std::move(*held))});
    }
    if (!repair || remove_manifest(folder)) ++damaged_;  // the folder goes with `held`
    log_->warn("model {}: the package in {} is damaged: {}{}", printable(model_id), folder.string(),
               good.error().message, repair ? "; it is removed" : "");
    if (!damage) damage = good.error();
  }
  if (damage && !repair) return std::move(*damage);
  return std::optional<HeldPackage>();
}

bool DiskCache::has(std::string_view model_id) const {
  const auto generations = folders_in(model_folder(model_id));
  return std::any_of(generations.begin(), generations.end(), [](const fs::path& folder) {
    std::error_code error;
    return fs::exists(folder / kManifestName, error);
  });
}

Status DiskCache::prepare() {
  for (const fs::path& folder : {packages(), partial(), locks()}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return write_error(error.value());
  }
  sweep_partial();
  sweep_packages();
  return {};
}

void DiskCache::sweep_partial() const {
  std::error_code error;
  std::vector<fs::path> lock_files;
  for (fs::directory_iterator it(partial(), error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == kLockSuffix) lock_files.push_back(it->path());
  }
  std::error_code ignored;
  for (const fs::path& path : lock_files) {
    const FileHandle lock(open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!lock || !try_lock(lock, LockKind::exclusive) || !is_same_file(lock, path)) continue;  // of a live process
    log_->info("removing an unfinished download of a process that has ended");
    fs::remove_all(path.parent_path() / path.stem(), ignored);
    fs::remove(path, ignored);
  }
  // A folder is made after its lock file and ends before it, so one without belongs to nobody.
  for (const fs::path& folder : folders_in(partial())) {
    if (!fs::exists(folder.string() + std::string(kLockSuffix), ignored)) fs::remove_all(folder, ignored);
  }
}

void DiskCache::sweep_packages() const {
  for (const fs::path& model : folders_in(packages())) {
    bool has_newer = false;
    auto generations = folders_in(model);
    std::reverse(generations.begin(), generations.end());
    for (const fs::path& folder : generations) {
      std::error_code error;
      const bool entry = fs::exists(folder / kManifestName, error);
      if (entry && has_newer) remove_manifest(folder);
      if (!entry || has_newer) remove_if_free(folder);
      has_newer = has_newer || entry;
    }
  }
}

Result<ModelLock> DiskCache::lock_model(std::string_view model_id, const CancelToken& cancel) const {
  auto path = locks() / (entry_name(model_id) + std::string(kLockSuffix));
  auto lock = lock_exclusively(path, cancel);
  if (!lock) return std::move(lock).error();
  return ModelLock(std::move(path), std::move(lock).value());
}

Result<StagingFolder> DiskCache::stage() const {
  for (;;) {
    const fs::path folder = partial() / make_uuid_hex();
    const fs::path lock_path = folder.string() + std::string(kLockSuffix);
    FileHandle lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!lock) return write_error(errno);
    // Between the two lines a sweep may have taken it for a dead process's.
    if (!try_lock(lock, LockKind::exclusive) || !is_same_file(lock, lock_path)) continue;
    StagingFolder staging(folder, std::move(lock));
    if (mkdir(folder.c_str(), 0755) != 0) return write_error(errno);
    return staging;
  }
}

Result<HeldPackage> DiskCache::commit(StagingFolder staging, const Manifest& manifest) {
  const fs::path& from = staging.folder();
  if (const FileHandle lock(open((from / kLockName).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644)); !lock) {
    return write_error(errno);
  }
  if (auto written = write_manifest(from, manifest); !written) return std::move(written).error();
  sync_folder(from);
  auto held = HeldFolder::hold(from);
  if (!held) return Error{Code::internal, "the model cache cannot be written: a new package is gone"};

  const fs::path model = model_folder(manifest.model_id);
  const fs::path folder = model / generation_name();
  std::error_code error;
  for (int tries = 0; tries < 3; ++tries) {
    fs::create_directories(model, error);
    if (!error) fs::rename(from, folder, error);
    // Somebody who removes the model's last package removes its folder, too.
    if (error != std::errc::no_such_file_or_directory) break;
  }
  if (error) return write_error(error.value());
  sync_folder(model);
  sync_folder(packages());
  // The one under the old name would look there for its folder when it goes.
  auto moved = HeldFolder::hold(folder);
  if (!moved) return Error{Code::internal, "the model cache cannot be written: a new package is gone"};
  verifier_.trust(folder, manifest);
  return HeldPackage{folder, manifest.package_id, std::make_shared<HeldFolder>(std::move(*moved))};
}

void DiskCache::retire(const fs::path& folder) {
  remove_manifest(folder);
  remove_if_free(folder);
}

Result<bool> DiskCache::remove(std::string_view model_id) {
  bool found = false;
  for (const fs::path& folder : folders_in(model_folder(model_id))) {
    std::error_code error;
    if (!fs::exists(folder / kManifestName, error)) continue;
    found = true;
    fs::remove(folder / kManifestName, error);
    if (error) return write_error(error.value());
    remove_if_free(folder);
  }
  return found;
}

std::vector<CacheEntry> DiskCache::list() const {
  std::vector<CacheEntry> entries;
  for (const fs::path& model : folders_in(packages())) {
    auto generations = folders_in(model);
    std::reverse(generations.begin(), generations.end());
    for (const fs::path& folder : generations) {
      const auto manifest = read_manifest(folder);
      if (!manifest || !manifest->has_value()) continue;
      entries.push_back({(*manifest)->model_id, folder, (*manifest)->bytes()});
      break;
    }
  }
  return entries;
}

std::uint64_t DiskCache::evict(std::uint64_t limit) {
  struct Candidate {
    fs::path folder;
    std::uint64_t bytes;
    fs::file_time_type used;
  };
  std::vector<Candidate> candidates;
  std::uint64_t total = 0;
  for (const fs::path& model : folders_in(packages())) {
    for (const fs::path& folder : folders_in(model)) {
      const auto manifest = read_manifest(folder);
      if (!manifest || !manifest->has_value()) continue;
      std::error_code error;
      candidates.push_back({folder, (*manifest)->bytes(), fs::last_write_time(folder / kLockName, error)});
      total += candidates.back().bytes;
    }
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.used < b.used; });
  std::uint64_t evicted = 0;
  for (const Candidate& candidate : candidates) {
    if (total <= limit) break;
    const FileHandle lock(open((candidate.folder / kLockName).c_str(), O_RDWR | O_CLOEXEC));
    if (!lock || !try_lock(lock, LockKind::exclusive)) continue;  // held
    if (!remove_manifest(candidate.folder)) continue;
    std::error_code ignored;
    fs::remove_all(candidate.folder, ignored);
    fs::remove(candidate.folder.parent_path(), ignored);
    total -= candidate.bytes;
    ++evicted;
    log_->info("evicted {} ({:.1f} MB) from the model cache", candidate.folder.parent_path().filename().string(),
               static_cast<double>(candidate.bytes) / 1e6);
  }
  return evicted;
}

}  // namespace osprey::hub
