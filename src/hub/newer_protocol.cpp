#include "hub/newer_protocol.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "fetch/url_text.hpp"
#include "hub/json_text.hpp"
#include "hub/names.hpp"

namespace osprey::hub {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxRecommendedClasses = 10'000;
constexpr long long kMaxBatch = 4096;
constexpr long long kMaxOpset = 1000;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Result<json> metadata_of(std::string_view text) {
  auto root = parse_json_object(text);
  if (!root) return std::move(root).error();
  const json* metadata = member(*root, "modelMetadata");
  if (metadata == nullptr || !metadata->is_object()) {
    return Error{Code::data_corrupted, "the answer has no modelMetadata"};
  }
  return json(*metadata);
}

ModelType read_type(const json& metadata) {
  ModelType type;
  type.task = text_member(metadata, "taskType").value_or("");
  type.architecture = text_member(metadata, "modelArchitecture").value_or("");
  type.variant = text_member(metadata, "modelVariant").value_or("");
  if (type.architecture.empty() || type.architecture == "ort") type.architecture = default_architecture(type.task);
  return type;
}

bool is_confidence(double value) {
  return value >= 0 && value <= 1;
}

Recommended read_recommended(const json& owner) {
  Recommended recommended;
  const json* found = member(owner, "recommendedParameters");
  if (found == nullptr) return recommended;
  if (const auto value = number_member(*found, "confidence"); value && is_confidence(*value)) {
    recommended.confidence = value;
  }
  const json* classes = member(*found, "perClassConfidence");
  if (classes == nullptr || !classes->is_object() || classes->size() > kMaxRecommendedClasses) return recommended;
  for (const auto& [name, value] : classes->items()) {
    if (value.is_number() && is_confidence(value.get<double>())) recommended.per_class[name] = value.get<double>();
  }
  return recommended;
}

/// Whether the network's boxes have gone through non-maximum suppression: {"nmsFused": {...}}.
bool has_fused_nms(const json& package) {
  const json* features = member(package, "modelFeatures");
  if (features == nullptr || !features->is_object()) return false;
  for (const auto& [name, value] : features->items()) {
    std::string key = lower(name);
    std::erase(key, '_');
    std::erase(key, '-');
    if (key == "nmsfused" || key == "fusednms") return !value.is_null() && value != json(false);
  }
  return false;
}

/// Fills what the manifest says; a reason when it cannot be used.
std::string read_manifest(const json& manifest, RemotePackage& package) {
  package.dynamic_batch = bool_member(manifest, "dynamicBatchSize").value_or(false);
  const auto batch = integer_member(manifest, "staticBatchSize");
  if (package.dynamic_batch && batch) return "it has a fixed batch and an open one";
  if (!package.dynamic_batch && (!batch || *batch <= 0 || *batch > kMaxBatch)) return "its batch is not known";
  package.static_batch = static_cast<int>(batch.value_or(0));
  package.opset = static_cast<int>(std::clamp(integer_member(manifest, "opset").value_or(0), 0LL, kMaxOpset));
  package.quantization = lower(text_member(manifest, "quantization").value_or("unknown"));
  if (const json* providers = member(manifest, "incompatibleProviders");
      providers != nullptr && providers->is_array()) {
    for (const json& provider : *providers) {
      if (provider.is_string()) package.incompatible_providers.insert(provider.get<std::string>());
    }
  }
  return {};
}

std::string read_files(const json& package_json, RemotePackage& package) {
  const json* files = member(package_json, "packageFiles");
  if (files == nullptr || !files->is_array() || files->empty()) return "it has no files";
  if (files->size() > kMaxPackageFiles) return "it has more than " + std::to_string(kMaxPackageFiles) + " files";
  std::set<std::string> names;
  for (const json& file : *files) {
    RemoteFile remote;
    remote.name = text_member(file, "fileHandle").value_or("");
    if (!is_file_name(remote.name)) return "'" + printable(remote.name) + "' is no plain file name";
    if (!names.insert(lower(remote.name)).second) return "it has two files named " + remote.name;
    remote.url = text_member(file, "downloadUrl").value_or("");
    if (remote.url.size() > kMaxUrl || !fetch::is_http_url(remote.url))
      return remote.name + " has no http or https URL";
    if (member(file, "md5Hash") != nullptr) {
      remote.md5 = lower(text_member(file, "md5Hash").value_or(""));
      if (!is_md5(remote.md5)) return "the hash of " + remote.name + " is no MD5";
    }
    package.files.push_back(std::move(remote));
  }
  if (!names.contains("weights.onnx")) return "it has no weights.onnx";
  return {};
}

void read_package(const json& package_json, WeightsPage& page) {
  RemotePackage package;
  package.id = text_member(package_json, "packageId").value_or("");
  const auto skip = [&](const std::string& reason) {
    page.skipped.push_back("package " + (package.id.empty() ? "without a name" : printable(package.id)) + ": " +
                           reason);
  };
  const json* manifest = member(package_json, "packageManifest");
  if (manifest == nullptr || !manifest->is_object()) return skip("it has no manifest");
  const std::string type = text_member(*manifest, "type").value_or("");
  if (type.empty()) return skip("its manifest has no type");
  if (type != "onnx-model-package-v1") return;  // another backend's: not ours, and no fault
  if (!is_package_id(package.id)) return skip("its id is not 1 to 255 letters and digits");
  if (std::string reason = read_manifest(*manifest, package); !reason.empty()) return skip(reason);
  if (std::string reason = read_files(package_json, package); !reason.empty()) return skip(reason);
  package.trusted = bool_member(package_json, "trustedSource").value_or(false);
  package.fused_nms = has_fused_nms(package_json);
  package.recommended = read_recommended(package_json);
  page.packages.push_back(std::move(package));
}

}  // namespace

std::string default_architecture(std::string_view task) {
  if (task == "object-detection") return "yolov5v2s";
  if (task == "instance-segmentation") return "yolact";
  if (task == "classification") return "vit";
  if (task == "keypoint-detection") return "yolov8n";
  return {};
}

Result<ModelType> parse_stat(std::string_view text) {
  auto metadata = metadata_of(text);
  if (!metadata) return std::move(metadata).error();
  ModelType type = read_type(*metadata);
  if (type.task.empty()) return Error{Code::data_corrupted, "the answer has no modelMetadata.taskType"};
  return type;
}

Result<WeightsPage> parse_weights(std::string_view text) {
  auto metadata = metadata_of(text);
  if (!metadata) return std::move(metadata).error();
  const json* packages = member(*metadata, "modelPackages");
  if (packages == nullptr || !packages->is_array()) {
    return Error{Code::data_corrupted, "the answer has no modelMetadata.modelPackages"};
  }
  if (packages->size() > kMaxPackages) return Error{Code::data_corrupted, "the answer has too many packages"};
  WeightsPage page;
  page.type = read_type(*metadata);
  page.recommended = read_recommended(*metadata);
  page.offered = packages->size();
  for (const json& package : *packages) read_package(package, page);
  page.next_page = text_member(*metadata, "nextPage").value_or("");
  return page;
}

}  // namespace osprey::hub
