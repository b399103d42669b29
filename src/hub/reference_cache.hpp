// The reference server's own cache layouts, read and never written, so that what it has downloaded is served.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "hub/disk_cache.hpp"
#include "hub/hub.hpp"
#include "hub/verification.hpp"

namespace osprey::hub {

/// Reads <root>/models-cache/v2-*/<package id>/ (files that are links into <root>/shared-blobs/<md5>, and a
/// model_config.json that names model and backend), and the older <root>/<project>/<version>/ (weights and
/// environment.json, without hashes). Thread-safe.
class ReferenceCache {
 public:
  ReferenceCache(std::filesystem::path root, Log log);

  /// A package of the model that can be run, with its blobs held against their names; none when there is none.
  /// Errors: data_corrupted, when there is one and it is damaged.
  [[nodiscard]] Result<std::optional<HeldPackage>> find(std::string_view model_id);

  /// Whether there is a package, unverified.
  [[nodiscard]] bool has(std::string_view model_id) const;

  [[nodiscard]] std::vector<CacheEntry> list() const;

  /// Passes a package over from now on: it cannot be loaded.
  void refuse(const std::filesystem::path& folder);

  /// Whether a folder is of this layout.
  [[nodiscard]] bool owns(const std::filesystem::path& folder) const;

 private:
  struct Candidate {
    std::filesystem::path folder;
    std::set<std::string> model_ids;  // under which it is known
    int rank = 0;                     // lower is better
  };
  [[nodiscard]] std::vector<Candidate> newer() const;
  [[nodiscard]] std::optional<std::filesystem::path> older(std::string_view model_id) const;
  [[nodiscard]] std::vector<std::filesystem::path> candidates(std::string_view model_id) const;
  [[nodiscard]] Status verify(const std::filesystem::path& folder);

  std::filesystem::path root_;
  Log log_;
  FileVerifier verifier_;
  mutable std::mutex mutex_;
  std::set<std::filesystem::path> refused_;
};

}  // namespace osprey::hub
