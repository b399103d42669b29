// Live models: brought in on first use, at most so many, least recently used out first.
//
// Invariants: one load per package at a time, whatever number waits for it; each waiter is called once; no lock is held
// while a model is fetched, read, compiled or let go, or a waiter is called; a model that is out keeps running for
// those who hold a lease.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hub/hub.hpp"
#include "registry/live_model.hpp"
#include "registry/live_models.hpp"
#include "registry/model_folder.hpp"
#include "registry/model_loader.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::registry {

/// Who asks for a model. Views are read during the call only.
struct ModelRequest {
  std::string_view model_id;
  std::string_view request_path;  ///< URL path, noted for /model/registry
  std::string_view api_key;       ///< empty or "local": none
};

/// Names in parentheses: the settings.
struct RegistryOptions {
  std::size_t max_active_models = 8;  ///< (MAX_ACTIVE_MODELS) at least 1
  std::vector<std::string> pinned;    ///< (PINNED_MODELS) loaded at the start and never evicted; aliases are resolved
  std::vector<std::string> preload;   ///< (PRELOAD_MODELS) loaded at the start, in the background
  std::string preload_key;            ///< (PRELOAD_API_KEY) for both
  /// (MODELS_CACHE_AUTH_ENABLED) a model that came from the hub goes only to keys that the hub allows it
  bool check_access = false;
  /// How long the hub's yes is believed without asking it again, on top of what the hub itself remembers.
  std::chrono::seconds access_time{30};
  /// (OSPREY_UNLOAD_IDLE_SECONDS) a model that was not used for so long is unloaded; 0: never for that.
  std::chrono::seconds unload_idle{0};
  std::size_t loader_threads = 2;  ///< networks compiled at a time
  std::size_t fetch_threads = 16;  ///< packages fetched at a time; they wait for the network and cost no core
  std::size_t max_loading = 256;   ///< models being brought in; one more is refused with `overloaded`
  /// How often the packages of live models are looked at for changes; 0: by check_folder() only.
  std::chrono::milliseconds folder_interval{1000};
};

/// A network in memory and its lane's counts.
struct LiveModelStats {
  std::string model_id;  ///< aliases resolved
  scheduler::LaneStats lane;
  std::uint64_t failures = 0;       ///< faults of the model since it was loaded
  std::optional<OutOfService> out;  ///< none: it is in service
};

/// For metrics. Counts are from the start on.
struct RegistryStats {
  std::size_t live = 0;     ///< entries, aliases counted
  std::size_t loading = 0;  ///< now
  std::uint64_t loads = 0;  ///< that succeeded, those of changed packages too
  std::uint64_t load_failures = 0;
  std::uint64_t evictions = 0;  ///< to make room
  std::uint64_t idle_unloads = 0;
  std::uint64_t swaps = 0;  ///< live models replaced since their package changed
  double load_seconds = 0;  ///< of all loads together
  std::vector<LiveModelStats> models;
};

/// Thread-safe.
class ModelRegistry {
 public:
  using OnLease = std::function<void(Result<ModelLease>)>;

  /// Either of folder and hub may be absent; what is there outlives the registry, but for its stop().
  ModelRegistry(RegistryOptions options, std::optional<ModelFolder> folder, LoaderContext context,
                hub::Hub* hub = nullptr);
  /// Stops the hub and waits for what runs; waiters are told `unavailable`.
  ~ModelRegistry();
  ModelRegistry(const ModelRegistry&) = delete;
  ModelRegistry& operator=(const ModelRegistry&) = delete;

  /// Calls `on_lease` with the model: at once, on this thread, when it is live (and the key is known to be allowed it);
  /// else on a thread of the registry's, which must not be kept busy. A model is looked for among the live ones, in the
  /// models folder, with the hub; under its own name, then under what an alias stands for.
  ///
  /// Errors: invalid_argument (no model id), not_found; "Model loading failed: ..." with the code of load_model; those
  /// of the hub; overloaded; internal (no room beside pinned models); unavailable (shutting down, the package is being
  /// written at this moment, or the model is out of service: see ModelHealth).
  void acquire(const ModelRequest& request, OnLease on_lease);

  /// The id that an alias stands for, unless the models folder has a package of the alias's own name; any other id as
  /// it is. For /model/add and /model/remove, which work on the resolved id.
  [[nodiscard]] std::string resolve(std::string_view model_id) const;

  /// Live models in the order in which they were loaded.
  [[nodiscard]] std::vector<ModelDescription> list() const;

  /// Unloads a model, a pinned one too; whether it was live.
  bool remove(std::string_view model_id);
  void clear();

  /// Ids in the models folder.
  [[nodiscard]] std::vector<std::string> available() const;

  /// Versions of a project that are in the models folder or in memory, each once: names in their order, then numbers,
  /// the highest last. Looks at the disk.
  [[nodiscard]] std::vector<std::string> versions(std::string_view project) const;

  /// Whether all that was to be loaded at the start has been tried.
  [[nodiscard]] bool preloaded() const;

  [[nodiscard]] RegistryStats stats() const;

  /// Looks once at the packages of the live models: one that changed and then stayed the same from the last look to
  /// this one is loaded in the background and put in the place of the live model; one that is gone for two looks is
  /// unloaded. A package that cannot be loaded leaves the live model as it is. Called by a thread of the registry's
  /// every `folder_interval`; not to be called from several at once.
  void check_folder();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace osprey::registry
