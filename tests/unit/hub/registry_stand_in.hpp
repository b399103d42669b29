// A model registry on loopback for tests, with both protocols, and what else a test of the hub needs.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "hub/hub.hpp"
#include "loopback_server.hpp"

namespace osprey::hub {

using testing::LoopbackAnswer;
using testing::LoopbackRequest;
using testing::LoopbackServer;

/// A folder that goes with its object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A log that is kept.
struct KeptLog {
  KeptLog();
  std::ostringstream text;
  Log log;
};

/// What the stand-in has of a model. Its files' bytes are those that it tells the hashes of.
struct StandInModel {
  std::string task = "object-detection";
  std::string architecture = "yolov8";
  std::map<std::string, std::string> files;
};

class RegistryStandIn {
 public:
  using Interception = std::function<std::optional<LoopbackAnswer>(const LoopbackRequest&)>;

  /// Has the model "parts/1" with files of a few bytes.
  RegistryStandIn();

  void add(const std::string& model_id, StandInModel model);
  /// Without it the registry answers "Endpoint not found" to the newer protocol.
  void speak_newer(bool does) { newer_ = does; }
  void accept_only(std::set<std::string> keys) { keys_ = std::move(keys); }
  /// Asked first at every request.
  void intercept(Interception interception);
  /// Changes the answer of `weights`.
  void edit_weights(std::function<void(nlohmann::json& metadata, const LoopbackRequest&)> edit);

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] int hits(const std::string& path) const { return server_.hits(path); }
  [[nodiscard]] std::vector<LoopbackRequest> requests() const { return server_.requests(); }
  /// Requests for files.
  [[nodiscard]] std::map<std::string, int> file_hits() const;
  [[nodiscard]] LoopbackAnswer file(const std::string& path) const;

 private:
  LoopbackAnswer answer(const LoopbackRequest& request);
  LoopbackAnswer route(const LoopbackRequest& request) const;
  [[nodiscard]] nlohmann::json describe(const std::string& model_id, const StandInModel& model, bool packages) const;

  mutable std::mutex mutex_;
  std::map<std::string, StandInModel> models_;
  bool newer_ = true;
  std::set<std::string> keys_;
  Interception interception_;
  std::function<void(nlohmann::json&, const LoopbackRequest&)> edit_;
  LoopbackServer server_;  // last: it uses the others
};

/// Options for fast tests: no pauses between tries.
[[nodiscard]] HubOptions options_for(const RegistryStandIn& registry, const std::filesystem::path& cache);

/// A hub on the machine's clock. Fails the test when it cannot be made.
[[nodiscard]] std::unique_ptr<Hub> make_hub(HubOptions options, Log log = make_null_log());

/// "ok", or the code's name.
[[nodiscard]] std::string outcome(const Result<CachedPackage>& result);
[[nodiscard]] std::string get_outcome(Hub& hub, const std::string& model_id = "parts/1", const std::string& key = "");

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

/// The files under a cache folder that are left when no download runs, but for locks: names relative to it.
[[nodiscard]] std::set<std::string> files_under(const std::filesystem::path& folder);

/// Whether no unfinished download is left in a cache.
[[nodiscard]] bool is_clean(const std::filesystem::path& cache);

}  // namespace osprey::hub
