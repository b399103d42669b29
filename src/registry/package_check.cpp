#include "registry/package_check.hpp"

#include <utility>

#include "registry/model_loader.hpp"

namespace osprey::registry {

CheckedFolder check_packages(const ModelFolder& folder, engine::Engine& engine) {
  CheckedFolder checked;
  for (auto& model_id : folder.list()) {
    auto package_folder = folder.find(model_id);
    auto opened = package_folder ? open_package(*package_folder, engine) : Result<OpenPackage>(package_folder.error());
    if (opened) {
      ++checked.sound;
    } else {
      checked.broken.push_back({std::move(model_id), std::move(opened).error()});
    }
  }
  return checked;
}

}  // namespace osprey::registry
