// A model in memory, ready to run, and the lease that keeps it there.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/session.hpp"
#include "package/package.hpp"
#include "scheduler/scheduler.hpp"
#include "vision/families/family.hpp"

namespace osprey::registry {

/// Everything a request needs of a model. Immutable but for its lane; shared by all who hold a lease.
struct LiveModel {
  std::string id;  ///< as requested: "project/version"
  package::Package package;
  std::unique_ptr<const vision::Family> family;
  std::shared_ptr<engine::Session> session;
  double load_seconds = 0;
  std::unique_ptr<scheduler::Lane> lane;  ///< where its InferenceJobs go; thread-safe
};

/// Keeps a live model in memory: while one is held, unloading or replacing the model waits for nobody and hurts nobody.
/// Move-only.
class ModelLease {
 public:
  ModelLease() = default;
  /// `cold`: this lease's request caused or awaited the load.
  ModelLease(std::shared_ptr<const LiveModel> model, bool cold) : model_(std::move(model)), cold_(cold) {}
  ModelLease(ModelLease&&) noexcept = default;
  ModelLease& operator=(ModelLease&&) noexcept = default;
  ModelLease(const ModelLease&) = delete;
  ModelLease& operator=(const ModelLease&) = delete;

  /// Requires a lease that was given by a registry.
  const LiveModel& operator*() const { return *model_; }
  const LiveModel* operator->() const { return model_.get(); }
  explicit operator bool() const { return model_ != nullptr; }
  [[nodiscard]] bool cold() const { return cold_; }

 private:
  std::shared_ptr<const LiveModel> model_;
  bool cold_ = false;
};

}  // namespace osprey::registry
