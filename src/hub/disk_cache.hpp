// The cache folder. Each package is a folder of its own under a name that is never used twice, so that a new package of
// a model comes beside an old one that is still held.
//
//   <root>/packages/<model>/<time>-<random>/   a package: its files, .manifest.json, .lock
//   <root>/partial/<random>/                   a package that is being written; <random>.lock beside it
//   <root>/locks/<model>.lock                  held by the one process that downloads the model
//
// Invariants: a package folder appears whole, by one rename, and is an entry as long as its manifest is there. It is
// read under a shared lock on its .lock, and its files are removed only under an exclusive one, after the manifest.
// Locks are flock()s, which end with their process, however that ends: nothing has to be cleaned up by hand.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "hub/file_handle.hpp"
#include "hub/hub.hpp"
#include "hub/manifest.hpp"
#include "hub/verification.hpp"

namespace osprey::hub {

/// A package of the cache that is verified and held. Copies share the hold.
struct HeldPackage {
  std::filesystem::path folder;
  std::string package_id;
  std::shared_ptr<const void> hold;
};

/// A folder that a package is written into; removed with what is in it unless it is committed. Move-only.
class StagingFolder {
 public:
  StagingFolder(std::filesystem::path folder, FileHandle lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  StagingFolder(StagingFolder&&) noexcept = default;
  StagingFolder& operator=(StagingFolder&&) = delete;
  StagingFolder(const StagingFolder&) = delete;
  ~StagingFolder();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  FileHandle lock_;  // tells the other processes that this one lives; none after a move
};

/// The right to download a model. Its file goes with it, so that asking for models that are not there leaves none; one
/// who waited for the lock sees that the file is another, and makes a new one.
class ModelLock {
 public:
  ModelLock(std::filesystem::path path, FileHandle lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  ModelLock(ModelLock&&) noexcept = default;
  ModelLock& operator=(ModelLock&&) = delete;
  ~ModelLock() {
    std::error_code ignored;
    if (lock_) std::filesystem::remove(path_, ignored);
  }

 private:
  std::filesystem::path path_;
  FileHandle lock_;
};

/// Thread-safe.
class DiskCache {
 public:
  DiskCache(std::filesystem::path root, Log log);

  /// What the cache has of a model, verified; none when it has nothing. A damaged entry is removed when `repair`, and
  /// then counts as nothing. Errors: data_corrupted, naming what is damaged.
  [[nodiscard]] Result<std::optional<HeldPackage>> find(std::string_view model_id, bool repair);

  /// Whether there is an entry, unverified.
  [[nodiscard]] bool has(std::string_view model_id) const;

  /// Makes what may be missing of the cache's own folders, and removes what dead processes have left. Errors: internal.
  [[nodiscard]] Status prepare();

  /// The right to download a model, for one at a time in all processes. Errors: cancelled, internal.
  [[nodiscard]] Result<ModelLock> lock_model(std::string_view model_id, const CancelToken& cancel) const;

  /// Errors: internal.
  [[nodiscard]] Result<StagingFolder> stage() const;

  /// Makes what was staged an entry; `manifest` names its files. Errors: internal.
  [[nodiscard]] Result<HeldPackage> commit(StagingFolder staging, const Manifest& manifest);

  /// Removes an entry of this cache; one that is held goes when it is let go.
  void retire(const std::filesystem::path& folder);

  /// Whether the model was there. Errors: internal.
  [[nodiscard]] Result<bool> remove(std::string_view model_id);

  [[nodiscard]] std::vector<CacheEntry> list() const;

  /// Removes those used longest ago, until at most `limit` bytes are left or only held ones; how many.
  std::uint64_t evict(std::uint64_t limit);

  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }

 private:
  [[nodiscard]] std::filesystem::path packages() const { return root_ / "packages"; }
  [[nodiscard]] std::filesystem::path partial() const { return root_ / "partial"; }
  [[nodiscard]] std::filesystem::path locks() const { return root_ / "locks"; }
  [[nodiscard]] std::filesystem::path model_folder(std::string_view model_id) const;
  void sweep_partial() const;
  void sweep_packages() const;

  std::filesystem::path root_;
  Log log_;
  FileVerifier verifier_;
  std::atomic<std::uint64_t> damaged_{0};
};

}  // namespace osprey::hub
