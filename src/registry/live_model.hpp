// A model in memory, ready to run, and the lease that keeps it there.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/session.hpp"
#include "package/package.hpp"
#include "registry/model_health.hpp"
#include "registry/package_stamp.hpp"
#include "scheduler/scheduler.hpp"
#include "vision/families/family.hpp"

namespace osprey::registry {

/// Everything a request needs of a model. Immutable but for its lane; shared by all who hold a lease. A copy shares the
/// network: what an alias and the id behind it are served by.
struct LiveModel {
  /// What goes last: the hold on a package of the hub's cache, the note that the network was unloaded.
  std::shared_ptr<const void> keep;
  std::string id;           ///< as requested: "project/version", or an alias
  std::string resolved_id;  ///< what an alias stands for; else the id
  bool from_hub = false;    ///< not from the models folder
  PackageStamp stamp;       ///< of the files that it was read from, in the models folder
  package::Package package;
  std::shared_ptr<const vision::Family> family;
  std::shared_ptr<engine::Session> session;
  std::shared_ptr<ModelHealth> health;    ///< of the network
  double load_seconds = 0;                ///< from its first request: fetching, reading, compiling
  std::shared_ptr<scheduler::Lane> lane;  ///< where its InferenceJobs go; thread-safe
};

/// Keeps a live model in memory: while one is held, unloading or replacing the model waits for nobody and hurts nobody.
/// Move-only.
class ModelLease {
 public:
  ModelLease() = default;
  /// `cold`: this lease's request caused or awaited the load. `at_once`: given within the call that asked for it.
  ModelLease(std::shared_ptr<const LiveModel> model, bool cold, bool at_once)
      : model_(std::move(model)), cold_(cold), at_once_(at_once) {}
  ModelLease(ModelLease&&) noexcept = default;
  ModelLease& operator=(ModelLease&&) noexcept = default;
  ModelLease(const ModelLease&) = delete;
  ModelLease& operator=(const ModelLease&) = delete;

  /// Requires a lease that was given by a registry.
  const LiveModel& operator*() const { return *model_; }
  const LiveModel* operator->() const { return model_.get(); }
  explicit operator bool() const { return model_ != nullptr; }
  [[nodiscard]] bool cold() const { return cold_; }
  /// Whether it was given on the thread that asked for it; else it is on one of the registry's, not to be kept busy.
  [[nodiscard]] bool at_once() const { return at_once_; }

 private:
  std::shared_ptr<const LiveModel> model_;
  bool cold_ = false;
  bool at_once_ = false;
};

}  // namespace osprey::registry
