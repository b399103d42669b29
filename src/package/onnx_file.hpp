// A first look at a file that is said to be an ONNX network, before an engine reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osprey::package {

/// Protocol buffers cannot be larger; networks beyond it keep their weights in other files.
inline constexpr std::uint64_t kMaxOnnxBytes = std::uint64_t{2} << 30U;

struct OnnxFile {
  std::uint64_t bytes = 0;
  /// Files beside it that hold some of its weights, as it names them; at most kMaxExternalFiles of them.
  std::vector<std::string> external_files;
};

inline constexpr std::size_t kMaxExternalFiles = 16;

/// Walks through the file's structure (onnx.proto of ONNX: ModelProto 7 graph, GraphProto 5 initializer, TensorProto 13
/// external_data) without holding its weights. `name` stands for the file in messages. Costs a few milliseconds.
///
/// Errors, each one line that says what would be right: not_found; invalid_argument (a folder, a pipe, empty, no ONNX
/// file, cut short); payload_too_large beyond kMaxOnnxBytes; unavailable (it cannot be read).
[[nodiscard]] Result<OnnxFile> inspect_onnx(const std::filesystem::path& file, const std::string& name);

}  // namespace osprey::package
