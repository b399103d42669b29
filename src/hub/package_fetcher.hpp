// From a model id to a package in the cache: asks the registry, downloads, commits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "hub/disk_cache.hpp"
#include "hub/download_progress.hpp"
#include "hub/file_download.hpp"
#include "hub/hub.hpp"
#include "hub/registry_client.hpp"

namespace osprey::hub {

/// Thread-safe. What it is given outlives it.
class PackageFetcher {
 public:
  PackageFetcher(const HubOptions& options, const RegistryClient& client, DiskCache& cache, CallCounts& counts,
                 RunningDownloads& running, Log log);

  /// Gets a package over the network into the cache. `cancel` is set when one of its files fails, to end the others.
  /// Errors: those of Hub::get(), cancelled.
  [[nodiscard]] Result<HeldPackage> fetch(const std::string& model_id, const std::string& key, CancelToken cancel,
                                          const DownloadReport::OnProgress& on_progress);

  /// Whether a key may use a model, by whichever protocol the registry has. Errors: those of Hub::check_access().
  [[nodiscard]] Status ask_access(std::string_view model_id, const std::string& key, const CancelToken& cancel) const;

  /// The next fetch() takes another package of the model, if the registry has one.
  void refuse(const std::string& model_id, const std::string& package_id);

 private:
  /// What is to be in the package's folder.
  struct Plan {
    std::string package_id;
    std::vector<RemoteFile> downloads;
    std::map<std::string, std::string> texts;  // written here
  };
  [[nodiscard]] Result<Plan> plan(const std::string& model_id, const std::string& key, const CancelToken& cancel) const;
  [[nodiscard]] Result<Plan> newer_plan(const std::string& model_id, const std::string& key,
                                        const CancelToken& cancel) const;
  [[nodiscard]] Result<Plan> older_plan(const std::string& model_id, const std::string& key,
                                        const CancelToken& cancel) const;
  [[nodiscard]] Result<std::vector<FileRecord>> download(const std::string& model_id, const Plan& plan,
                                                         const std::filesystem::path& folder, CancelToken cancel,
                                                         const DownloadReport::OnProgress& on_progress);

  const HubOptions& options_;
  const RegistryClient& client_;
  DiskCache& cache_;
  CallCounts& counts_;
  RunningDownloads& running_;
  Log log_;
  std::counting_semaphore<> slots_;  // files on their way at a time
  mutable std::mutex mutex_;
  std::map<std::string, std::set<std::string>> refused_;  // package ids by model
};

}  // namespace osprey::hub
