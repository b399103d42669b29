// Names of models as the protocol's clients write them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osprey::oip {

/// Which model a client means, as it wrote it: "emoji-detection" and "1"; "emoji-detection/1" and nothing; an alias
/// and nothing. Without a version the newest one counts. ".raw" at the end of the project's name asks for the tensor
/// view ("emoji-detection.raw", "emoji-detection.raw/1").
struct ModelName {
  std::string name;
  std::string version = {};  ///< empty: the newest
};

/// What ends the name of a model's tensor view.
inline constexpr std::string_view kTensorViewSuffix = ".raw";

/// A ModelName taken apart.
struct ParsedName {
  std::string project;  ///< without the suffix; or an alias
  std::string version;  ///< empty: none was named
  bool tensor_view = false;

  /// The name to answer with.
  [[nodiscard]] std::string name() const { return tensor_view ? project + std::string(kTensorViewSuffix) : project; }
  /// project/version, or what has no version.
  [[nodiscard]] std::string id(std::string_view its_version) const {
    return its_version.empty() ? project : project + "/" + std::string(its_version);
  }
};

/// Errors: invalid_argument for an empty name and two versions that differ.
[[nodiscard]] Result<ParsedName> parse_name(const ModelName& model);

}  // namespace osprey::oip
