#include "engine/openvino/compiled_network.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>
#include <openvino/op/constant.hpp>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace osprey::engine {
namespace {

constexpr const char* kDevice = "CPU";

class Hash {
 public:
  Hash() { XXH3_128bits_reset(&state_); }
  void add(const void* bytes, std::size_t count) { XXH3_128bits_update(&state_, bytes, count); }
  /// With its length, so that what follows cannot be taken for a part of it.
  void add(std::string_view text) {
    const std::uint64_t length = text.size();
    add(&length, sizeof(length));
    add(text.data(), text.size());
  }
  [[nodiscard]] BlobKey key() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_));
    BlobKey key;
    std::copy(std::begin(canonical.digest), std::end(canonical.digest), key.begin());
    return key;
  }

 private:
  XXH3_state_t state_{};
};

bool add_file(const std::filesystem::path& path, Hash& hash) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(std::size_t{1} << 20U);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.add(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  return file.eof();
}

/// What compiled code may depend on: model and abilities of the first core.
std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string told;
  for (std::string line; std::getline(cpuinfo, line) && !line.empty();) {
    for (const char* name : {"vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU "}) {
      if (line.starts_with(name)) told += line + '\n';
    }
  }
  return told;
}

std::size_t weight_bytes(const ov::Model& model) {
  std::size_t bytes = 0;
  for (const auto& node : model.get_ops()) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) bytes += constant->get_byte_size();
  }
  return bytes;
}

std::optional<ov::CompiledModel> import_blob(ov::Core& core, const BlobStore& store, const BlobKey& key,
                                             const ov::Model& model, const ov::AnyMap& properties, const Log& log) {
  try {
    ov::Tensor blob;
    const bool found = store.read(key, [&](std::size_t bytes) {
      blob = ov::Tensor(ov::element::u8, {bytes});
      return static_cast<char*>(blob.data());
    });
    if (!found) return std::nullopt;
    auto compiled = core.import_model(blob, kDevice, properties);
    if (compiled.inputs().size() == model.inputs().size() && compiled.outputs().size() == model.outputs().size()) {
      return compiled;
    }
  } catch (const std::exception& e) {
    log->debug("a compiled network in the cache is of no use: {}", e.what());
  }
  store.remove(key);
  return std::nullopt;
}

}  // namespace

std::optional<FileState> state_of(const std::filesystem::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  const auto nanoseconds = [](const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  };
  return FileState{found.st_ino, static_cast<std::uint64_t>(found.st_size), nanoseconds(found.st_mtim),
                   nanoseconds(found.st_ctim)};
}

std::optional<BlobKey> key_of(const ov::Model& model, const NetworkFile& file, const ov::AnyMap& properties) {
  Hash hash;
  hash.add("osprey compiled network 1");
  hash.add(ov::get_openvino_version().buildNumber);
  hash.add(processor());
  for (const auto& [name, value] : properties) {
    hash.add(name);
    hash.add(value.as<std::string>());
  }
  for (const auto& input : model.inputs()) {
    hash.add(input.get_element_type().to_string());
    hash.add(input.get_partial_shape().to_string());
  }
  for (const auto& node : model.get_ops()) {
    const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node);
    if (!constant || constant->get_element_type() == ov::element::string) continue;
    hash.add({static_cast<const char*>(constant->get_data_ptr()), constant->get_byte_size()});
  }
  if (!add_file(file.path, hash) || !file.state || state_of(file.path) != file.state) return std::nullopt;
  return hash.key();
}

ov::CompiledModel compile_network(ov::Core& core, const std::shared_ptr<ov::Model>& model, const NetworkFile& file,
                                  const ov::AnyMap& properties, const CompileOptions& options, const Log& log) {
  const auto key = options.cache_folder.empty() ? std::nullopt : key_of(*model, file, properties);
  if (!key) return core.compile_model(model, kDevice, properties);
  const BlobStore store(options.cache_folder);
  if (auto compiled = import_blob(core, store, *key, *model, properties, log)) return std::move(*compiled);

  const auto start = std::chrono::steady_clock::now();
  auto compiled = core.compile_model(model, kDevice, properties);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (!options.always_keep_blob && !is_worth_a_blob(took.count(), weight_bytes(*model))) return compiled;
  try {
    std::ostringstream blob;
    compiled.export_model(blob);
    if (auto written = store.write(*key, blob.view()); !written) {
      log->info("a compiled network is not kept: {}", written.error().message);
    }
  } catch (const std::exception& e) {
    log->debug("a compiled network cannot be exported: {}", e.what());
  }
  return compiled;
}

}  // namespace osprey::engine
