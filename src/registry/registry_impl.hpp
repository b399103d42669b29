// The registry's insides, shared by the files that implement it: model_registry.cpp (what is asked of it),
// registry_load.cpp (bringing models in), registry_access.cpp (who may use them), registry_folder.cpp (packages that
// change), registry_repair.cpp (models that fail).
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/cancel_token.hpp"
#include "registry/known_access.hpp"
#include "registry/live_models.hpp"
#include "registry/load_failures.hpp"
#include "registry/model_registry.hpp"
#include "registry/package_source.hpp"
#include "registry/worker_pool.hpp"

namespace osprey::registry {

struct ModelRegistry::Impl {
  /// One who waits for a model.
  struct Waiter {
    std::string model_id;  // as requested
    std::string request_path;
    std::string api_key;
    OnLease on_lease;
  };

  /// A package on its way into memory. Guarded by the mutex but for the constants.
  struct Load {
    Load(std::string id, TimePoint at) : resolved_id(std::move(id)), began(at) {}
    const std::string resolved_id;
    const TimePoint began;
    std::vector<Waiter> waiters;
    // With the hub it begins with the key of the first waiter; where that is refused, each other key is tried itself.
    bool each_key = false;
    std::set<std::string> fetching;  // keys
    bool compiling = false;          // the package is here: keys play no part any more
  };
  using SharedLoad = std::shared_ptr<Load>;

  /// A package on the disk.
  struct Located {
    std::filesystem::path folder;
    std::shared_ptr<const hub::CachedPackage> cached;  // null: in the models folder
  };

  /// One who waits to be told whether a key may use a model.
  struct Applicant {
    Waiter waiter;
    SharedModel model;
    bool cold = false;
  };
  using ModelAndKey = std::pair<std::string, std::string>;

  /// What was seen of the package of a live model.
  struct Watched {
    PackageStamp seen;                  // at the last look
    std::optional<PackageStamp> tried;  // and found unfit
    int looks_without = 0;              // one after the other
    bool reloading = false;
  };

  /// A call to make when no lock is held.
  struct Answer {
    OnLease on_lease;
    Result<ModelLease> lease;
    void give() { on_lease(std::move(lease)); }
  };
  struct Answers {
    std::vector<Answer> answers;
    std::vector<SharedModel> evicted;  // let go with this
    void give();
  };

  Impl(RegistryOptions the_options, std::optional<ModelFolder> the_folder, LoaderContext the_context, hub::Hub* hub);

  /// Adds the answer for one who may use `model`: puts it in under the id that was asked for, where it is not yet.
  /// Requires the mutex.
  void admit(Waiter waiter, const SharedModel& model, bool cold, bool at_once, Answers& answers);

  // registry_repair.cpp
  /// Why a model is not given now; none: it may be. Requires the mutex.
  [[nodiscard]] std::optional<Error> refusal_of(const SharedModel& model);
  /// Loads the network of a model anew, as a run of the one in memory does not end.
  void repair(const SharedModel& model);
  /// Runs `work` for a load; what it throws fails the load.
  template <typename Work>
  void guarded(const SharedLoad& load, Work&& work) {
    try {
      work();
    } catch (const std::exception& e) {  // out of memory, for one
      fail(load, {Code::internal, "Model loading failed: model " + load->resolved_id + ": " + e.what()});
    } catch (...) {
      fail(load, {Code::internal, "Model loading failed: model " + load->resolved_id});
    }
  }

  // registry_load.cpp
  void bring_in(Waiter waiter);
  void preload();
  void locate(const SharedLoad& load);
  void start_fetch(const SharedLoad& load, const std::string& api_key);
  void fetch(const SharedLoad& load, const std::string& api_key);
  void refuse_key(const SharedLoad& load, const std::string& api_key, const Error& error);
  void start_compile(const SharedLoad& load, Located package);
  void compile(const SharedLoad& load, const Located& package);
  void publish(const SharedLoad& load, const SharedModel& model);
  void fail(const SharedLoad& load, const Error& error);
  /// Whether it has waiters yet. Requires the mutex.
  [[nodiscard]] bool is_current(const SharedLoad& load) const;
  /// Reads and compiles a package whose files are those of `stamp`.
  [[nodiscard]] Result<SharedModel> load_from(const std::string& resolved_id, const Located& package,
                                              const PackageStamp& stamp, TimePoint began);
  /// Where a live model came from.
  [[nodiscard]] static Located package_of(const LiveModel& model);

  // registry_access.cpp
  /// Whether a key is known to be allowed a model. Requires the mutex.
  [[nodiscard]] bool is_allowed(const LiveModel& model, const std::string& api_key) const;
  void apply(Applicant applicant);
  void check_access(const ModelAndKey& asked);

  // registry_folder.cpp
  void check_folder();
  void unload_idle();
  void check_package(const SharedModel& model);
  void drop_package(const SharedModel& model);
  void reload(const std::string& resolved_id, const Located& package, const PackageStamp& stamp);
  void keep_watch(const std::stop_token& stop);

  const RegistryOptions options;
  const PackageSource source;
  const LoaderContext context;
  const std::shared_ptr<std::atomic<std::uint64_t>> unloaded = std::make_shared<std::atomic<std::uint64_t>>(0);
  CancelToken stopped;

  mutable std::mutex mutex;  // guards all down to the pools
  LiveModels live;
  std::map<std::string, SharedLoad, std::less<>> loads;  // by resolved id
  LoadFailures failures;                                 // by resolved id
  KnownAccess known_access;                              // by resolved id
  std::map<ModelAndKey, std::vector<Applicant>> applicants;
  std::map<std::string, Watched, std::less<>> watched;  // by resolved id
  RegistryStats counts;                                 // but for what stats() looks up
  std::size_t to_preload = 0;
  bool stopping = false;
  std::condition_variable_any watch_pause;

  WorkerPool locators{2};       // look at the disk
  WorkerPool cache_readers{2};  // apart from the next, which may all wait for the network
  WorkerPool fetchers;
  WorkerPool compilers;
  WorkerPool access_checkers{4};
  WorkerPool repairers{1};  // apart from the compilers: a network that hangs may do so again
  std::jthread watcher;
};

}  // namespace osprey::registry
