// `inference model check`: whether the packages of a models folder can be served.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace osprey::cli {

/// Prints a line for each package that `backend` (as in ServerSettings) cannot serve to standard error and, unless
/// `quiet`, a summary to standard output. Exit code: success when all are sound, kSomeBroken or kNoneSound else.
[[nodiscard]] int check_models(const std::filesystem::path& models, const std::string& backend, bool quiet);

inline constexpr int kSomeBroken = 3;  ///< others can be served
inline constexpr int kNoneSound = 4;   ///< there are packages, and none can be served

/// Runs check_models in a process of its own, so that what it reads is not kept in this one's memory.
class ModelCheck {
 public:
  /// Starts it; `on_exit` is called with its exit code, on a thread of this object. When it cannot be started, nothing
  /// is called: that is no reason not to serve.
  ModelCheck(const std::filesystem::path& models, const std::string& backend,
             std::function<void(int exit_code)> on_exit);
  /// Ends it if it still runs; then `on_exit` is not called.
  ~ModelCheck();
  ModelCheck(const ModelCheck&) = delete;
  ModelCheck& operator=(const ModelCheck&) = delete;

 private:
  std::mutex mutex_;
  int process_ = 0;  // guarded by mutex_; 0 once it was waited for, as the number may then be another's
  std::jthread waiter_;
};

}  // namespace osprey::cli
