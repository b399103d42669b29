// The models folder: MODELS/<project>/<version>/ is one package; what is put there is served.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osprey::registry {

/// Checks a model id: one or two segments, each safe as a folder name (no empty one, "..", separator or control
/// character). Errors: invalid_argument "Invalid Model ID sent in request." with the reason.
[[nodiscard]] Status check_model_id(std::string_view model_id);

/// A folder of packages. Immutable; thread-safe. The files may change under it.
class ModelFolder {
 public:
  /// Errors: not_found when `root` is not a folder.
  [[nodiscard]] static Result<ModelFolder> open(std::filesystem::path root);

  /// The package folder of an id ("project/version", a version of digits without its leading zeros; or "name").
  /// Errors: invalid_argument (not an id), not_found (no such package), permission_denied (a link out of the folder).
  [[nodiscard]] Result<std::filesystem::path> find(std::string_view model_id) const;

  /// Ids of the packages that are there now, sorted.
  [[nodiscard]] std::vector<std::string> list() const;

  /// Versions of the packages project/version that are there now, in no order. None for what is no project's name.
  [[nodiscard]] std::vector<std::string> versions(std::string_view project) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  explicit ModelFolder(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;  // canonical
};

}  // namespace osprey::registry
