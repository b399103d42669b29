// Where a model's package is: in the models folder, or with the hub.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hub/hub.hpp"
#include "registry/model_folder.hpp"

namespace osprey::registry {

/// Immutable; thread-safe. The hub outlives it.
class PackageSource {
 public:
  /// Either may be absent.
  PackageSource(std::optional<ModelFolder> folder, hub::Hub* hub) : folder_(std::move(folder)), hub_(hub) {}

  /// The id that an alias stands for, unless the models folder has a package of the alias's own name; any other id as
  /// it is. Looks at the disk for an alias only.
  [[nodiscard]] std::string resolve(std::string_view model_id) const;

  /// The folder of the package in the models folder; none when there is no such package. Errors: invalid_argument,
  /// permission_denied (a link out of the folder).
  [[nodiscard]] Result<std::optional<std::filesystem::path>> find_in_folder(std::string_view model_id) const;

  /// Null: none.
  [[nodiscard]] hub::Hub* hub() const { return hub_; }

  /// Ids in the models folder, sorted.
  [[nodiscard]] std::vector<std::string> list_folder() const;

  /// Versions of a project in the models folder.
  [[nodiscard]] std::vector<std::string> list_versions(std::string_view project) const;

 private:
  std::optional<ModelFolder> folder_;
  hub::Hub* hub_;
};

}  // namespace osprey::registry
