#include "hub/hub.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <system_error>
#include <utility>

#include "fetch/url_text.hpp"
#include "hub/access_cache.hpp"
#include "hub/disk_cache.hpp"
#include "hub/download_progress.hpp"
#include "hub/flight.hpp"
#include "hub/names.hpp"
#include "hub/package_fetcher.hpp"
#include "hub/reference_cache.hpp"
#include "hub/registry_client.hpp"

namespace osprey::hub {
namespace {

Error shutting_down() {
  return {Code::unavailable, "the server is shutting down"};
}

/// A header's value has no control characters; what has some was never a key.
Status check_key(std::string_view key) {
  const bool good = std::none_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return good ? Status() : Status(Error{Code::unauthenticated, "the API key has control characters in it"});
}

class HostedHub final : public Hub {
 public:
  HostedHub(HubOptions options, std::shared_ptr<const Clock> clock, Log log)
      : options_(std::move(options)),
        clock_(std::move(clock)),
        log_(std::move(log)),
        access_(options_.access_time, clock_),
        cache_(options_.cache / "osprey", log_),
        reference_(options_.cache, log_),
        client_(options_, counts_, log_),
        fetcher_(options_, client_, cache_, counts_, running_, log_) {
    if (auto prepared = cache_.prepare(); !prepared) {
      log_->warn("{} ({}); what is in it is served", prepared.error().message, options_.cache.string());
    } else if (options_.max_cache_bytes > 0) {
      evicted_ += cache_.evict(options_.max_cache_bytes);
    }
  }

  ~HostedHub() override { stop(); }

  Result<CachedPackage> get(std::string_view model_id, std::string_view api_key, const CancelToken& cancel,
                            const std::function<void(const DownloadProgress&)>& on_progress) override;
  Status check_access(std::string_view model_id, std::string_view api_key) override;
  [[nodiscard]] bool is_cached(std::string_view model_id) const override;
  void discard(const CachedPackage& package) override;
  Result<bool> remove(std::string_view model_id) override;
  [[nodiscard]] std::vector<CacheEntry> list() const override;
  [[nodiscard]] HubStats stats() const override;
  void stop() override;

 private:
  [[nodiscard]] bool is_online() const { return !options_.offline && !options_.lookup_url.empty(); }
  [[nodiscard]] std::string key_of(std::string_view request_key) const;
  [[nodiscard]] Result<std::optional<HeldPackage>> look_into_cache(std::string_view model_id);
  [[nodiscard]] Error absence(std::string_view model_id) const;
  [[nodiscard]] Result<Landed> work(const std::string& model_id, const std::string& key, const CancelToken& cancel,
                                    const Flight::OnProgress& on_progress);
  [[nodiscard]] Result<std::shared_ptr<Flight>> join_flight(const std::string& model_id, const std::string& key);
  void forget_ended_flights();
  void log_failure(const std::string& model_id, const Error& error) const;

  const HubOptions options_;
  const std::shared_ptr<const Clock> clock_;
  const Log log_;
  CallCounts counts_;
  RunningDownloads running_;
  AccessCache access_;
  DiskCache cache_;
  ReferenceCache reference_;
  RegistryClient client_;
  PackageFetcher fetcher_;
  std::atomic<std::uint64_t> hits_{0};
  std::atomic<std::uint64_t> misses_{0};
  std::atomic<std::uint64_t> evicted_{0};
  CancelToken stopped_;  // also that of every question for access

  mutable std::mutex mutex_;  // of what follows
  // By model and hash of the key: what one key is refused, another may get.
  std::map<std::string, std::shared_ptr<Flight>> flights_;
  std::map<std::string, std::shared_future<Status>> questions_;  // for access
};

std::string HostedHub::key_of(std::string_view request_key) const {
  if (request_key.empty() || request_key == "local") return options_.api_key;
  return std::string(request_key);
}

Result<std::optional<HeldPackage>> HostedHub::look_into_cache(std::string_view model_id) {
  auto own = cache_.find(model_id, /*repair=*/is_online());
  if (own && own->has_value()) return own;
  auto reference = reference_.find(model_id);
  if (reference && reference->has_value()) return reference;
  if (is_online()) return std::optional<HeldPackage>();  // a damaged one is fetched anew
  const Error* damage = !own ? &std::as_const(own).error() : !reference ? &std::as_const(reference).error() : nullptr;
  if (damage == nullptr) return std::optional<HeldPackage>();
  return Error{Code::data_corrupted, "the package of " + printable(model_id) + " in the model cache is damaged (" +
                                         damage->message + "), and " +
                                         (options_.offline ? "OFFLINE_MODE forbids" : "there is no registry") +
                                         " to fetch it anew"};
}

Error HostedHub::absence(std::string_view model_id) const {
  if (options_.offline) {
    return {Code::unavailable, "Could not retrieve model " + printable(model_id) +
                                   ": it is not in the model cache, and OFFLINE_MODE forbids to ask the registry"};
  }
  return {Code::not_found, "Requested Roboflow resource not found. There is no model " + printable(model_id) +
                               " in the model cache, and no registry is set"};
}

Result<Landed> HostedHub::work(const std::string& model_id, const std::string& key, const CancelToken& cancel,
                               const Flight::OnProgress& on_progress) {
  if (auto prepared = cache_.prepare(); !prepared) return std::move(prepared).error();
  const auto lock = cache_.lock_model(model_id, cancel);
  if (!lock) return lock.error();
  // Meanwhile another process, or another key's flight, may have brought it.
  auto found = cache_.find(model_id, /*repair=*/true);
  if (found && found->has_value()) return Landed{std::move(**found), false};
  auto package = fetcher_.fetch(model_id, key, cancel, on_progress);
  if (!package) return std::move(package).error();
  access_.learn(model_id, key);
  if (options_.max_cache_bytes > 0) evicted_ += cache_.evict(options_.max_cache_bytes);
  return Landed{std::move(*package), true};
}

Result<std::shared_ptr<Flight>> HostedHub::join_flight(const std::string& model_id, const std::string& key) {
  std::shared_ptr<Flight> given_up;  // waited for after the lock
  const std::lock_guard lock(mutex_);
  if (stopped_.cancelled()) return shutting_down();
  const std::string name = AccessCache::name(model_id, key);
  if (const auto found = flights_.find(name); found != flights_.end()) {
    if (found->second->join()) return found->second;
    given_up = std::move(found->second);
    flights_.erase(found);
  }
  Flight::Work job = [this, model_id, key](const CancelToken& cancel, const Flight::OnProgress& on_progress) {
    auto landed = work(model_id, key, cancel, on_progress);
    if (!landed) log_failure(model_id, landed.error());
    return landed;
  };
  try {
    return flights_.emplace(name, std::make_shared<Flight>(std::move(job))).first->second;
  } catch (const std::system_error&) {
    return Error{Code::unavailable, "no thread to be had for a download"};
  }
}

void HostedHub::log_failure(const std::string& model_id, const Error& error) const {
  switch (error.code) {
    case Code::cancelled: return;
    case Code::unauthenticated:
    case Code::payment_required:
    case Code::permission_denied:
    case Code::not_found:
    case Code::locked: return log_->warn("model {}: {}", printable(model_id), error.message);
    default: log_->error("model {}: {} (cache: {})", printable(model_id), error.message, options_.cache.string());
  }
}

void HostedHub::forget_ended_flights() {
  std::vector<std::shared_ptr<Flight>> ended;  // their ends hold packages; let go after the lock
  const std::lock_guard lock(mutex_);
  std::erase_if(flights_, [&](const auto& entry) {
    if (!entry.second->ended()) return false;
    ended.push_back(entry.second);
    return true;
  });
}

Result<CachedPackage> HostedHub::get(std::string_view model_id, std::string_view api_key, const CancelToken& cancel,
                                     const std::function<void(const DownloadProgress&)>& on_progress) {
  if (auto good = check_model_id(model_id); !good) return std::move(good).error();
  if (stopped_.cancelled()) return shutting_down();
  auto found = look_into_cache(model_id);
  if (!found) return std::move(found).error();
  if (found->has_value()) {
    ++hits_;
    return CachedPackage((*found)->folder, (*found)->package_id, false, (*found)->hold);
  }
  ++misses_;
  if (!is_online()) return absence(model_id);
  const std::string key = key_of(api_key);
  if (auto good = check_key(key); !good) return std::move(good).error();
  auto flight = join_flight(std::string(model_id), key);
  if (!flight) return std::move(flight).error();
  auto landed = (*flight)->wait(cancel, on_progress);
  forget_ended_flights();
  if (!landed) return stopped_.cancelled() ? shutting_down() : std::move(landed).error();
  return CachedPackage(landed->package.folder, landed->package.package_id, landed->downloaded, landed->package.hold);
}

Status HostedHub::check_access(std::string_view model_id, std::string_view api_key) {
  if (auto good = check_model_id(model_id); !good) return good;
  if (stopped_.cancelled()) return shutting_down();
  const std::string key = key_of(api_key);
  if (auto good = check_key(key); !good) return good;
  if (access_.may_use(model_id, key)) return {};
  if (!is_online()) {
    return Error{Code::unavailable, "whether this API key may use " + printable(model_id) +
                                        " is not known, and there is no registry to ask"};
  }
  const std::string name = AccessCache::name(model_id, key);
  std::promise<Status> answer;
  {
    std::unique_lock lock(mutex_);
    if (const auto asked = questions_.find(name); asked != questions_.end()) {
      const auto other = asked->second;
      lock.unlock();
      return other.get();
    }
    questions_[name] = answer.get_future().share();
  }
  Status status = fetcher_.ask_access(model_id, key, stopped_);
  if (status) access_.learn(model_id, key);
  if (!status && status.error().code == Code::cancelled) status = shutting_down();
  const std::lock_guard lock(mutex_);
  questions_.erase(name);
  answer.set_value(status);
  return status;
}

bool HostedHub::is_cached(std::string_view model_id) const {
  return check_model_id(model_id) && (cache_.has(model_id) || reference_.has(model_id));
}

void HostedHub::discard(const CachedPackage& package) {
  log_->warn("the package in {} cannot be loaded; it is thrown away", package.folder().string());
  if (reference_.owns(package.folder())) return reference_.refuse(package.folder());
  if (const auto manifest = read_manifest(package.folder()); manifest && manifest->has_value()) {
    if (!package.package_id().empty()) fetcher_.refuse((*manifest)->model_id, package.package_id());
  }
  cache_.retire(package.folder());
}

Result<bool> HostedHub::remove(std::string_view model_id) {
  if (auto good = check_model_id(model_id); !good) return std::move(good).error();
  auto removed = cache_.remove(model_id);
  if (!removed || *removed || !reference_.has(model_id)) return removed;
  return Error{Code::unsupported, printable(model_id) +
                                      " is in the cache in the reference server's layout, which is "
                                      "only read; remove it there"};
}

std::vector<CacheEntry> HostedHub::list() const {
  auto entries = cache_.list();
  auto others = reference_.list();
  std::move(others.begin(), others.end(), std::back_inserter(entries));
  return entries;
}

HubStats HostedHub::stats() const {
  HubStats stats;
  stats.lookups = counts_.lookups;
  stats.failed_calls = counts_.failed_calls;
  stats.files_downloaded = counts_.files_downloaded;
  stats.bytes_downloaded = counts_.bytes_downloaded;
  stats.cache_hits = hits_;
  stats.cache_misses = misses_;
  stats.damaged = cache_.damaged();
  stats.evicted = evicted_;
  for (const auto& entry : cache_.list()) stats.cache_bytes += entry.bytes;
  stats.running = running_.list();
  return stats;
}

void HostedHub::stop() {
  stopped_.cancel();
  std::map<std::string, std::shared_ptr<Flight>> flights;
  {
    const std::lock_guard lock(mutex_);
    flights = std::exchange(flights_, {});
  }
  for (const auto& [name, flight] : flights) flight->cancel();
  // Their threads use this object: those that no waiter holds are joined here.
  flights.clear();
}

}  // namespace

Result<std::unique_ptr<Hub>> Hub::create(HubOptions options, std::shared_ptr<const Clock> clock, Log log) {
  for (const std::string* url : {&options.lookup_url, &options.weights_url}) {
    if (!url->empty() && !fetch::is_http_url(*url)) {
      return Error{Code::invalid_argument,
                   "the model registry's address is no http or https URL: " + printable(fetch::url_for_log(*url))};
    }
  }
  if (options.cache.empty()) return Error{Code::invalid_argument, "the model cache needs a folder"};
  std::error_code error;
  if (auto absolute = std::filesystem::absolute(options.cache, error); !error) options.cache = std::move(absolute);
  return std::unique_ptr<Hub>(std::make_unique<HostedHub>(std::move(options), std::move(clock), std::move(log)));
}

}  // namespace osprey::hub
