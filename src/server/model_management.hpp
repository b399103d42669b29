// Adding and removing models for operators: one piece of work at a time, on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "registry/own_models.hpp"

namespace osprey::server {

/// Trying a network takes seconds and all cores: not for an I/O thread, and not twice at a time. Thread-safe.
class ModelManagement {
 public:
  using Work = std::function<void(registry::OwnModels&)>;
  static constexpr std::size_t kMaxWaiting = 3;  ///< each may hold a request's body

  explicit ModelManagement(registry::OwnModels models);
  /// Waits for what runs; what waits is not run.
  ~ModelManagement();
  ModelManagement(const ModelManagement&) = delete;
  ModelManagement& operator=(const ModelManagement&) = delete;

  /// Runs `work` after what was submitted before it; false when too much waits already. `work` must not throw.
  [[nodiscard]] bool submit(Work work);

 private:
  void run(const std::stop_token& stop);

  registry::OwnModels models_;
  std::mutex mutex_;  // guards waiting_
  std::condition_variable_any wake_;
  std::deque<Work> waiting_;
  std::jthread worker_;  // last: it uses all of the above
};

}  // namespace osprey::server
