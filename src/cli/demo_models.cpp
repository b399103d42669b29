#include "cli/demo_models.hpp"

#include <system_error>

#include "cli/settings.hpp"

namespace osprey::cli {

std::filesystem::path models_without_setting() {
  namespace fs = std::filesystem;
  fs::path here = ServerSettings().models;
  std::error_code error;
  if (fs::exists(fs::symlink_status(here, error))) return here;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (error) return here;
  fs::path demo = executable.parent_path().parent_path() / "share/osprey/models";
  return fs::is_directory(demo, error) ? demo : here;
}

}  // namespace osprey::cli
