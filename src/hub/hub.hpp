// Packages from a hosted registry: looked up, downloaded, verified, and kept in a cache on disk.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

namespace osprey::hub {

/// Where packages come from and are kept. Names in parentheses: the reference's settings.
struct HubOptions {
  std::filesystem::path cache;  ///< (MODEL_CACHE_DIR) root of the cache; made when it is not there
  std::string lookup_url;       ///< (API_BASE_URL) empty: there is no registry, only the cache
  std::string weights_url;      ///< (ROBOFLOW_API_HOST) empty: lookup_url
  std::string gateway;          ///< (SECURE_GATEWAY) empty: none; else every call goes through {gateway}/proxy?url=
  std::string api_key;          ///< (ROBOFLOW_API_KEY, API_KEY) of requests that carry none
  std::map<std::string, std::string> extra_headers;         ///< (ROBOFLOW_API_EXTRA_HEADERS)
  bool verify_tls = true;                                   ///< (ROBOFLOW_API_VERIFY_SSL)
  bool offline = false;                                     ///< (OFFLINE_MODE) no outbound call at all
  std::chrono::milliseconds lookup_time{120'000};           ///< (ROBOFLOW_API_REQUEST_TIMEOUT)
  std::chrono::milliseconds call_time{5'000};               ///< (API_CALLS_TIMEOUT) of a call of the weights protocol
  std::chrono::milliseconds stall_time{30'000};             ///< a download without a byte for so long is begun anew
  int max_tries = 3;                                        ///< (API_CALLS_MAX_TRIES)
  std::chrono::milliseconds retry_pause{500};               ///< before the second try; doubled with each, with jitter
  std::set<int> retried_statuses{408, 429, 502, 503, 504};  ///< (IDEMPOTENT_API_REQUEST_CODES_TO_RETRY)
  bool allow_untrusted = false;                             ///< (ALLOW_INFERENCE_MODELS_UNTRUSTED_PACKAGES)
  std::size_t parallel_downloads = 8;
  std::uint64_t max_cache_bytes = 0;                      ///< (MAX_INFERENCE_MODELS_CACHE_SIZE_MB) 0: no limit
  std::uint64_t max_file_bytes = std::uint64_t{8} << 30;  ///< a larger file is refused
  std::chrono::seconds access_time{900};  ///< (MODELS_CACHE_AUTH_CACHE_TTL) how long a key's access is believed
};

/// A verified package in the cache. While it is held, the package is not evicted. Move-only.
class CachedPackage {
 public:
  CachedPackage(std::filesystem::path folder, std::string package_id, bool downloaded, std::shared_ptr<const void> hold)
      : folder_(std::move(folder)),
        package_id_(std::move(package_id)),
        downloaded_(downloaded),
        hold_(std::move(hold)) {}
  CachedPackage(CachedPackage&&) noexcept = default;
  CachedPackage& operator=(CachedPackage&&) noexcept = default;
  CachedPackage(const CachedPackage&) = delete;
  CachedPackage& operator=(const CachedPackage&) = delete;
  ~CachedPackage() = default;

  /// Holds what package::read_package() reads: a package of one of the reference's formats.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// As the registry names it; empty when it does not say.
  [[nodiscard]] const std::string& package_id() const { return package_id_; }
  /// Whether it came over the network just now.
  [[nodiscard]] bool downloaded() const { return downloaded_; }

 private:
  std::filesystem::path folder_;
  std::string package_id_;
  bool downloaded_;
  std::shared_ptr<const void> hold_;
};

/// A file on its way.
struct DownloadProgress {
  std::string model_id;
  std::string file;
  std::uint64_t received = 0;
  std::uint64_t total = 0;  ///< 0: not known
};

/// For metrics.
struct HubStats {
  std::uint64_t lookups = 0;       ///< calls to the registry that were answered with success
  std::uint64_t failed_calls = 0;  ///< calls and downloads that failed, each try counted
  std::uint64_t files_downloaded = 0;
  std::uint64_t bytes_downloaded = 0;
  std::uint64_t cache_hits = 0;  ///< packages given from the disk
  std::uint64_t cache_misses = 0;
  std::uint64_t damaged = 0;  ///< entries thrown away because their bytes were not what they should be
  std::uint64_t evicted = 0;
  std::uint64_t cache_bytes = 0;
  std::vector<DownloadProgress> running;
};

/// A package in the cache, as `inference model list` shows it.
struct CacheEntry {
  std::string model_id;
  std::filesystem::path folder;
  std::uint64_t bytes = 0;
};

/// Thread-safe; several processes may share one cache folder.
class Hub {
 public:
  /// Errors: invalid_argument (an address that is no URL). A cache folder that cannot be made or written is no error
  /// here: what is in it is served, and a download says why it fails.
  [[nodiscard]] static Result<std::unique_ptr<Hub>> create(HubOptions options, std::shared_ptr<const Clock> clock,
                                                           Log log);
  virtual ~Hub() = default;

  /// Gives the package of a model: from the cache when it is whole there, else from the registry. One download for any
  /// number of callers, in other processes too. Blocks; a cancelled token or stop() ends the wait.
  ///
  /// `api_key`: the request's; empty or "local": none, then that of the options. `on_progress` may be empty; it is
  /// called on any thread.
  ///
  /// Errors, with the reference's texts and never with a key or a URL's query in them: unauthenticated,
  /// payment_required, permission_denied, not_found, locked (what the registry says of the key and the model);
  /// upstream_failed, upstream_timeout, unavailable (registry away, offline); data_corrupted (a file that is not what
  /// its hash says); internal (disk full, cache not writable).
  [[nodiscard]] virtual Result<CachedPackage> get(std::string_view model_id, std::string_view api_key,
                                                  const CancelToken& cancel,
                                                  const std::function<void(const DownloadProgress&)>& on_progress) = 0;

  /// Asks the registry whether a key may use a model; its yes is believed for `access_time`. Blocks. Errors: those of
  /// get(). Offline: only what was learned before.
  [[nodiscard]] virtual Status check_access(std::string_view model_id, std::string_view api_key) = 0;

  /// Whether the cache holds an entry for the model; costs a look at the disk.
  [[nodiscard]] virtual bool is_cached(std::string_view model_id) const = 0;

  /// Throws a package away that passed its hashes and yet cannot be loaded, so that the next get() fetches it anew.
  virtual void discard(const CachedPackage& package) = 0;

  /// Removes a model from the cache; whether it was there. One that is held goes when it is let go.
  virtual Result<bool> remove(std::string_view model_id) = 0;

  [[nodiscard]] virtual std::vector<CacheEntry> list() const = 0;
  [[nodiscard]] virtual HubStats stats() const = 0;

  /// Ends what runs and what comes with `unavailable`, for shutting down. Idempotent.
  virtual void stop() = 0;
};

}  // namespace osprey::hub
