// Live models: loaded on first use, at most so many, least recently used out first.
//
// Invariants: one load per id at a time, whatever number waits for it; each waiter is called once; no lock is held
// while a model loads or a waiter is called; a model that is out keeps running for those who hold a lease.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "registry/live_model.hpp"
#include "registry/model_folder.hpp"
#include "registry/model_loader.hpp"

namespace osprey::registry {

/// A live model, as /model/registry tells it.
struct ModelDescription {
  std::string model_id;
  vision::Task task = vision::Task::object_detection;
  std::optional<vision::Size> input;       ///< none when the package takes any size
  std::vector<std::string> request_paths;  ///< URL paths that touched it, sorted
};

/// Who asks for a model. Views are read during the call only.
struct ModelRequest {
  std::string_view model_id;
  std::string_view request_path;  ///< URL path, noted for /model/registry
  std::string_view api_key;       ///< empty: none
};

struct RegistryOptions {
  std::size_t max_active_models = 8;
  std::size_t loader_threads = 1;  ///< loads at a time
};

/// Thread-safe.
class ModelRegistry {
 public:
  using OnLease = std::function<void(Result<ModelLease>)>;

  ModelRegistry(RegistryOptions options, std::optional<ModelFolder> folder, LoaderContext context);
  /// Waits for loads that run; waiters of others are told `unavailable`.
  ~ModelRegistry();
  ModelRegistry(const ModelRegistry&) = delete;
  ModelRegistry& operator=(const ModelRegistry&) = delete;

  /// Calls `on_lease` with the model: at once, on this thread, when it is live; after its load, on a loader's thread,
  /// when it is not. Errors: invalid_argument (no model id), not_found, those of load_model.
  void acquire(const ModelRequest& request, OnLease on_lease);

  /// Live models in the order in which they were loaded.
  [[nodiscard]] std::vector<ModelDescription> list() const;

  /// Unloads a model; whether it was live.
  bool remove(std::string_view model_id);
  void clear();

  /// Ids in the models folder.
  [[nodiscard]] std::vector<std::string> available() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace osprey::registry
