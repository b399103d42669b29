// The registry's newer protocol: what its answers say. What cannot be read is skipped, package by package.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hub/model_type.hpp"

namespace osprey::hub {

constexpr std::size_t kMaxPackages = 1000;
constexpr std::size_t kMaxPackageFiles = 64;

struct RemoteFile {
  std::string name;  ///< a plain file name (is_file_name)
  std::string url;   ///< http or https
  std::string md5;   ///< 32 hex digits; empty: the registry gives none
};

/// A package with a network in ONNX.
struct RemotePackage {
  std::string id;
  bool trusted = false;
  std::string quantization;  ///< "fp32", "fp16", "bf16", "int8", "unknown"
  bool dynamic_batch = false;
  int static_batch = 0;  ///< when not dynamic
  int opset = 0;
  bool fused_nms = false;
  std::set<std::string> incompatible_providers;
  std::vector<RemoteFile> files;
  Recommended recommended;
};

struct WeightsPage {
  ModelType type;  ///< fields may be empty
  Recommended recommended;
  std::vector<RemotePackage> packages;
  std::size_t offered = 0;           ///< packages on the page, those that are not in `packages` too
  std::vector<std::string> skipped;  ///< a sentence for each package that could not be read; for the log
  std::string next_page;             ///< empty: the last one
};

/// The answer of `stat`. Errors: data_corrupted naming what is missing.
[[nodiscard]] Result<ModelType> parse_stat(std::string_view json);

/// A page of `weights`. Errors: data_corrupted naming what is missing.
[[nodiscard]] Result<WeightsPage> parse_weights(std::string_view json);

}  // namespace osprey::hub
