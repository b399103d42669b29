// The rooms behind a prediction, built from the settings: what the server has behind its routes, and what a command has
// that predicts in its own process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "cli/settings.hpp"
#include "engine/session.hpp"
#include "hub/hub.hpp"
#include "registry/model_folder.hpp"
#include "registry/model_registry.hpp"
#include "scheduler/scheduler.hpp"
#include "scheduler/watchdog.hpp"
#include "service/prediction_service.hpp"

namespace osprey::cli {

/// Engine, scheduler, registry, hub and service, taken down in order at the end. Thread-safe once made.
class PredictionRooms {
 public:
  /// Sets up the process's allocator, too: call it before threads are started. Errors: not_found (no models folder, and
  /// no registry that models could come from), invalid_argument (a setting), those of create_engine and Hub::create.
  [[nodiscard]] static Result<std::unique_ptr<PredictionRooms>> create(const ServerSettings& settings, const Log& log);
  ~PredictionRooms();
  PredictionRooms(const PredictionRooms&) = delete;
  PredictionRooms& operator=(const PredictionRooms&) = delete;

  [[nodiscard]] const std::shared_ptr<const Clock>& clock() const { return clock_; }
  /// None where there is no models folder: all models come from the registry.
  [[nodiscard]] const std::optional<registry::ModelFolder>& folder() const { return folder_; }
  [[nodiscard]] engine::Engine& engine() { return *engine_; }
  [[nodiscard]] std::size_t threads() const { return threads_; }
  [[nodiscard]] scheduler::Scheduler& scheduler() { return *scheduler_; }
  [[nodiscard]] hub::Hub* hub() { return hub_.get(); }  ///< null without a cache folder
  [[nodiscard]] registry::ModelRegistry& registry() { return *registry_; }
  [[nodiscard]] service::PredictionService& service() { return *service_; }

  /// Predicts and waits for it; to be called on a thread of the caller's own. Errors: those of
  /// PredictionService::predict.
  [[nodiscard]] Result<service::PredictionResponse> predict(std::shared_ptr<const service::PredictionRequest> request);

  /// Ends what the scheduler runs, as the destructor does: no request is begun after it.
  void stop();

 private:
  PredictionRooms() = default;

  std::shared_ptr<const Clock> clock_;
  std::optional<registry::ModelFolder> folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::size_t threads_ = 1;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  std::unique_ptr<hub::Hub> hub_;
  std::unique_ptr<registry::ModelRegistry> registry_;
  std::unique_ptr<service::PredictionService> service_;
  std::unique_ptr<scheduler::Watchdog> watchdog_;  // last: it looks at those above
};

}  // namespace osprey::cli
