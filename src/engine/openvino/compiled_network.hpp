// Compiling a network, or taking its compiled form from disk when it is there and worth it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include <openvino/openvino.hpp>

#include "base/log.hpp"
#include "engine/openvino/blob_store.hpp"
#include "engine/session.hpp"

namespace osprey::engine {

/// A file's identity and times; two that are equal have the same bytes.
struct FileState {
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< ns
  std::int64_t changed = 0;   ///< ns
  bool operator==(const FileState&) const = default;
};

/// None when there is no such file.
[[nodiscard]] std::optional<FileState> state_of(const std::filesystem::path& file);

/// What a model was read from.
struct NetworkFile {
  std::filesystem::path path;
  std::optional<FileState> state;  ///< just before it was read
};

/// The key of a network: of its file's bytes, its constants (which may lie in other files), its shapes, the settings it
/// is compiled with, OpenVINO's version and the processor. None when the file has changed since it was read.
[[nodiscard]] std::optional<BlobKey> key_of(const ov::Model& model, const NetworkFile& file,
                                            const ov::AnyMap& properties);

/// Compiles `model` for the CPU; with a cache folder in the options, takes the compiled form from there or puts it
/// there. A blob that cannot be used is compiled anew; one that cannot be written is logged. Throws what OpenVINO
/// throws of the network.
[[nodiscard]] ov::CompiledModel compile_network(ov::Core& core, const std::shared_ptr<ov::Model>& model,
                                                const NetworkFile& file, const ov::AnyMap& properties,
                                                const CompileOptions& options, const Log& log);

}  // namespace osprey::engine
