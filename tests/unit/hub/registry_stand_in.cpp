#include "registry_stand_in.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "base/uuid.hpp"
#include "hub/digest.hpp"

namespace osprey::hub {

namespace fs = std::filesystem;
using nlohmann::json;

TempFolder::TempFolder() : path_(fs::temp_directory_path() / ("hub-test-" + make_uuid_hex())) {
  fs::create_directories(path_);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

KeptLog::KeptLog() {
  log = std::make_shared<spdlog::logger>("kept", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  log->set_level(spdlog::level::debug);
}

RegistryStandIn::RegistryStandIn() : server_([this](const LoopbackRequest& request) { return answer(request); }) {
  add("parts/1", {.files = {{"weights.onnx", "the network"},
                            {"class_names.txt", "bolt\nnut\n"},
                            {"inference_config.json", "{}"},
                            {"environment.json", R"({"CLASS_MAP": {"0": "bolt", "1": "nut"}})"}}});
}

void RegistryStandIn::add(const std::string& model_id, StandInModel model) {
  const std::lock_guard lock(mutex_);
  models_[model_id] = std::move(model);
}

void RegistryStandIn::intercept(Interception interception) {
  const std::lock_guard lock(mutex_);
  interception_ = std::move(interception);
}

void RegistryStandIn::edit_weights(std::function<void(json&, const LoopbackRequest&)> edit) {
  const std::lock_guard lock(mutex_);
  edit_ = std::move(edit);
}

std::map<std::string, int> RegistryStandIn::file_hits() const {
  std::map<std::string, int> hits;
  for (const auto& request : server_.requests()) {
    if (request.path.starts_with("/files/")) ++hits[request.path];
  }
  return hits;
}

LoopbackAnswer RegistryStandIn::file(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const std::string inside = path.substr(std::string("/files/").size());
  const auto slash = inside.rfind('/');
  const auto model = models_.find(inside.substr(0, slash));
  if (model == models_.end()) return {.status = 404};
  const auto found = model->second.files.find(inside.substr(slash + 1));
  if (found == model->second.files.end()) return {.status = 404};
  return {.body = found->second, .ranges = true};
}

LoopbackAnswer RegistryStandIn::answer(const LoopbackRequest& request) {
  Interception interception;
  {
    const std::lock_guard lock(mutex_);
    interception = interception_;
  }
  if (interception) {
    if (auto answer = interception(request)) return *answer;
  }
  return request.path.starts_with("/files/") ? file(request.path) : route(request);
}

json RegistryStandIn::describe(const std::string& model_id, const StandInModel& model, bool packages) const {
  json metadata{{"type", "external-model-metadata-v1"},
                {"modelId", model_id},
                {"modelArchitecture", model.architecture},
                {"modelVariant", model.architecture + "n"},
                {"taskType", model.task}};
  if (!packages) return metadata;
  json files = json::array();
  for (const auto& [name, bytes] : model.files) {
    if (name == "environment.json") continue;
    files.push_back({{"fileHandle", name},
                     {"downloadUrl", server_.url() + "/files/" + model_id + "/" + name},
                     {"md5Hash", md5(bytes)}});
  }
  json manifest{{"type", "onnx-model-package-v1"},
                {"backendType", "onnx"},
                {"quantization", "fp32"},
                {"opset", 17},
                {"dynamicBatchSize", true}};
  metadata["modelPackages"] = {{{"type", "external-model-package-v1"},
                                {"packageId", "abc123"},
                                {"packageManifest", std::move(manifest)},
                                {"packageFiles", std::move(files)},
                                {"trustedSource", true}}};
  return metadata;
}

LoopbackAnswer RegistryStandIn::route(const LoopbackRequest& request) const {
  const std::lock_guard lock(mutex_);
  const auto header = request.headers.find("authorization");
  std::string key = header == request.headers.end() ? "" : header->second.substr(std::string("Bearer ").size());
  if (request.query.contains("api_key")) key = request.query.at("api_key");
  if (!keys_.empty() && !keys_.contains(key)) return {.status = 401, .body = "{}"};
  if (request.path.starts_with("/models/v1/external/") && newer_) {
    const std::string id = request.query.contains("modelId") ? request.query.at("modelId") : "";
    const auto model = models_.find(id);
    if (model == models_.end()) return {.status = 404, .body = R"({"error": "Model not found"})"};
    const bool weights = request.path.ends_with("/weights");
    json metadata = describe(id, model->second, weights);
    if (weights && edit_) edit_(metadata, request);
    return {.body = json{{"modelMetadata", metadata}}.dump()};
  }
  const std::string older = "/ort/";
  const auto model = request.path.starts_with(older) ? models_.find(request.path.substr(older.size())) : models_.end();
  if (model == models_.end()) return {.status = 404, .body = R"({"error": "Endpoint not found"})"};
  const std::string files = server_.url() + "/files/" + model->first + "/";
  return {.body = json{{"ort",
                        {{"type", model->second.task},
                         {"modelType", model->second.architecture + "n"},
                         {"classes", {"bolt", "nut"}},
                         {"colors", {{"bolt", "#112233"}}},
                         {"environment", files + "environment.json"},
                         {"model", files + "weights.onnx"}}}}
                      .dump()};
}

HubOptions options_for(const RegistryStandIn& registry, const fs::path& cache) {
  HubOptions options;
  options.cache = cache;
  options.lookup_url = registry.url();
  // Long enough for a busy machine; tests of silence set less.
  options.lookup_time = options.call_time = options.stall_time = std::chrono::seconds(20);
  options.retry_pause = std::chrono::milliseconds(1);
  return options;
}

std::unique_ptr<Hub> make_hub(HubOptions options, Log log) {
  auto hub = Hub::create(std::move(options), std::make_shared<SteadyClock>(), std::move(log));
  if (!hub) {
    ADD_FAILURE() << hub.error().message;
    std::abort();
  }
  return std::move(*hub);
}

std::string outcome(const Result<CachedPackage>& result) {
  return result ? "ok" : std::string(to_string(result.error().code));
}

std::string get_outcome(Hub& hub, const std::string& model_id, const std::string& key) {
  return outcome(hub.get(model_id, key, {}, {}));
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::set<std::string> files_under(const fs::path& folder) {
  std::set<std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const bool lock = entry.path().extension() == ".lock" || entry.path().filename() == ".lock";
    if (!entry.is_directory() && !lock) files.insert(fs::relative(entry.path(), folder).string());
  }
  return files;
}

bool is_clean(const fs::path& cache) {
  return !fs::exists(cache) || fs::is_empty(cache / "osprey/partial");
}

}  // namespace osprey::hub
