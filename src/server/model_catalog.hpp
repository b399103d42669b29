// What is in the models folder, read without loading it.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "registry/model_folder.hpp"
#include "registry/own_models.hpp"
#include "registry/package_stamp.hpp"

namespace osprey::server {

/// Reads packages on a thread of its own, which the first question starts: a package costs tens of milliseconds, and
/// its weights' reading more, too long for an I/O thread. A package is read again when its files have changed.
/// Thread-safe.
class ModelCatalog {
 public:
  /// By id; sound and broken ones.
  using Summaries = std::vector<std::shared_ptr<const registry::ModelSummary>>;
  using OnRead = std::function<void(const Summaries& summaries)>;

  /// Without a folder there is nothing in it. `engine` outlives this.
  ModelCatalog(std::optional<registry::ModelFolder> folder, engine::Engine& engine);
  /// Waits for what is being read; who still waits is not called.
  ~ModelCatalog();
  ModelCatalog(const ModelCatalog&) = delete;
  ModelCatalog& operator=(const ModelCatalog&) = delete;

  /// Calls `on_read` on the catalog's thread with what is there after this call. Those who ask meanwhile share one
  /// reading. `on_read` must not throw.
  void read(OnRead on_read);

 private:
  struct Known {
    registry::PackageStamp stamp;
    std::shared_ptr<const registry::ModelSummary> summary;
  };
  void run(const std::stop_token& stop);
  [[nodiscard]] Summaries look(const std::stop_token& stop);

  const std::optional<registry::ModelFolder> folder_;
  engine::Engine& engine_;
  std::map<std::string, Known> known_;  // the thread's own
  std::mutex mutex_;                    // guards waiting_ and the start of reader_
  std::condition_variable_any wake_;
  std::vector<OnRead> waiting_;
  std::jthread reader_;  // last: it uses all of the above
};

}  // namespace osprey::server
