#include "registry/package_source.hpp"

#include <utility>

#include "registry/aliases.hpp"

namespace osprey::registry {

std::string PackageSource::resolve(std::string_view model_id) const {
  const auto resolved = resolve_alias(model_id);
  // A package that is there, be it one that is refused, is what its owner means by the name.
  if (resolved != model_id && folder_) {
    const auto own = folder_->find(model_id);
    if (own || own.error().code != Code::not_found) return std::string(model_id);
  }
  return std::string(resolved);
}

Result<std::optional<std::filesystem::path>> PackageSource::find_in_folder(std::string_view model_id) const {
  if (!folder_) return std::optional<std::filesystem::path>();
  auto found = folder_->find(model_id);
  if (found) return std::optional(std::move(found).value());
  if (found.error().code == Code::not_found) return std::optional<std::filesystem::path>();
  return std::move(found).error();
}

std::vector<std::string> PackageSource::list_folder() const {
  return folder_ ? folder_->list() : std::vector<std::string>();
}

std::vector<std::string> PackageSource::list_versions(std::string_view project) const {
  return folder_ ? folder_->versions(project) : std::vector<std::string>();
}

}  // namespace osprey::registry
