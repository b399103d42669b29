#include "hub/reference_cache.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <tuple>
#include <utility>

#include "hub/held_folder.hpp"
#include "hub/json_text.hpp"
#include "hub/names.hpp"

namespace osprey::hub {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostPackages = 10'000;
constexpr std::size_t kMostFiles = 1000;
// Of project folders of the older layout.
constexpr std::string_view kReserved[] = {
    "osprey",      "models-cache", "shared-blobs", "auto-resolution-cache", "offline-weights-registry",
    "_file_locks", "workflow"};

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::optional<nlohmann::json> read_json(const fs::path& path) {
  std::error_code error;
  if (!is_file(path) || fs::file_size(path, error) > kMaxJsonBytes || error) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto parsed = parse_json_object(text);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

/// How gladly a package is taken; none when it cannot be run here.
std::optional<int> rank_of(const nlohmann::json& config) {
  if (text_member(config, "backend_type") != "onnx") return std::nullopt;
  const std::string quantization = text_member(config, "quantization").value_or("unknown");
  const bool reduced = quantization == "fp16" || quantization == "int8";
  const bool fixed_batch = !bool_member(config, "dynamic_batch_size_supported").value_or(false);
  return (reduced ? 2 : 0) + (fixed_batch ? 1 : 0);
}

bool has_weights(const fs::path& folder) {
  return is_file(folder / "weights.onnx") || is_file(folder / "best.onnx");
}

std::uint64_t bytes_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) bytes += it->file_size(ignored);
  }
  return bytes;
}

}  // namespace

ReferenceCache::ReferenceCache(fs::path root, Log log) : root_(std::move(root)), log_(std::move(log)) {}

std::vector<ReferenceCache::Candidate> ReferenceCache::newer() const {
  std::vector<Candidate> found;
  // A model's folder is named by a hash of its id; its packages say the id itself, so that the hash is not needed.
  for (const fs::path& model : folders_in(root_ / "models-cache")) {
    if (!model.filename().string().starts_with("v2-")) continue;
    for (const fs::path& folder : folders_in(model)) {
      if (found.size() == kMostPackages) return found;
      const auto config = read_json(folder / "model_config.json");
      if (!config || !is_file(folder / "weights.onnx")) continue;
      const auto rank = rank_of(*config);
      if (!rank) continue;
      Candidate candidate{folder, {}, *rank};
      for (const char* name : {"canonical_model_id", "model_id"}) {
        if (auto id = text_member(*config, name)) candidate.model_ids.insert(std::move(*id));
      }
      found.push_back(std::move(candidate));
    }
  }
  return found;
}

std::optional<fs::path> ReferenceCache::older(std::string_view model_id) const {
  const auto project = model_id.substr(0, model_id.find('/'));
  if (std::find(std::begin(kReserved), std::end(kReserved), project) != std::end(kReserved)) return std::nullopt;
  fs::path folder = root_ / fs::path(model_id);
  if (!has_weights(folder) || !is_file(folder / "environment.json")) return std::nullopt;
  return folder;
}

std::vector<fs::path> ReferenceCache::candidates(std::string_view model_id) const {
  std::vector<Candidate> fitting = newer();
  std::erase_if(fitting,
                [&](const Candidate& candidate) { return !candidate.model_ids.contains(std::string(model_id)); });
  std::sort(fitting.begin(), fitting.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.rank, a.folder) < std::tie(b.rank, b.folder);
  });
  std::vector<fs::path> folders;
  for (Candidate& candidate : fitting) folders.push_back(std::move(candidate.folder));
  if (auto folder = older(model_id)) folders.push_back(std::move(*folder));
  const std::lock_guard lock(mutex_);
  std::erase_if(folders, [this](const fs::path& folder) { return refused_.contains(folder); });
  return folders;
}

Status ReferenceCache::verify(const fs::path& folder) {
  std::error_code error;
  std::size_t files = 0;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (++files > kMostFiles) return Error{Code::data_corrupted, "it has too many files"};
    if (!it->is_symlink(error)) continue;
    const std::string name = it->path().filename().string();
    const fs::path blob = fs::read_symlink(it->path(), error).filename();
    const fs::path expected = fs::weakly_canonical(root_ / "shared-blobs" / blob, error);
    // A link to anything else would let a cache folder show the server's disk.
    if (!is_md5(blob.string()) || fs::weakly_canonical(it->path(), error) != expected) {
      return Error{Code::data_corrupted, name + " is a link to something else than a blob"};
    }
    if (auto good = verifier_.check(expected, blob.string(), nullptr, /*follow_links=*/false); !good) {
      return Error{Code::data_corrupted, name + ": " + good.error().message};
    }
  }
  return error ? Status(Error{Code::data_corrupted, "it cannot be listed"}) : Status();
}

Result<std::optional<HeldPackage>> ReferenceCache::find(std::string_view model_id) {
  std::optional<Error> damage;
  for (const fs::path& folder : candidates(model_id)) {
    auto good = verify(folder);
    if (good) {
      const bool is_newer = is_file(folder / "model_config.json");
      return std::optional(HeldPackage{folder, is_newer ? folder.filename().string() : "", nullptr});
    }
    log_->warn("model {}: the package in {} (the reference's layout) is damaged: {}", printable(model_id),
               folder.string(), good.error().message);
    if (!damage) damage = std::move(good).error();
  }
  if (damage) return std::move(*damage);
  return std::optional<HeldPackage>();
}

bool ReferenceCache::has(std::string_view model_id) const {
  return !candidates(model_id).empty();
}

std::vector<CacheEntry> ReferenceCache::list() const {
  std::vector<CacheEntry> entries;
  for (const Candidate& candidate : newer()) {
    if (candidate.model_ids.empty()) continue;
    entries.push_back({*candidate.model_ids.begin(), candidate.folder, bytes_of(candidate.folder)});
  }
  for (const fs::path& project : folders_in(root_)) {
    for (const fs::path& version : folders_in(project)) {
      const std::string id = project.filename().string() + '/' + version.filename().string();
      if (auto folder = older(id)) entries.push_back({id, *folder, bytes_of(*folder)});
    }
  }
  return entries;
}

void ReferenceCache::refuse(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  refused_.insert(folder);
}

bool ReferenceCache::owns(const fs::path& folder) const {
  const auto path = folder.lexically_relative(root_);
  return !path.empty() && *path.begin() != ".." && *path.begin() != "osprey";
}

}  // namespace osprey::hub
