#include "registry/model_folder.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace osprey::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxIdLength = 512;

Error invalid_id(const std::string& why) {
  return {Code::invalid_argument, "Invalid Model ID sent in request. " + why};
}

/// Whether a folder holds a network, or files that belong beside one: a package, be it a broken one.
bool is_package(const fs::path& folder) {
  constexpr std::string_view kFiles[] = {"class_names.txt", "inference_config.json", "environment.json",
                                         "model.json",      "model_config.json",     "package.json"};
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".onnx") return true;
    if (std::find(std::begin(kFiles), std::end(kFiles), it->path().filename().string()) != std::end(kFiles))
      return true;
  }
  return false;
}

/// Whether `path`, links resolved, lies in `root` (canonical).
bool is_inside(const fs::path& root, const fs::path& path) {
  std::error_code error;
  const auto real = fs::canonical(path, error);
  if (error) return false;
  return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
}

std::string without_leading_zeros(std::string_view version) {
  const bool number = std::all_of(version.begin(), version.end(), [](unsigned char c) { return std::isdigit(c); });
  if (!number) return std::string(version);
  const auto first = std::min(version.find_first_not_of('0'), version.size() - 1);
  return std::string(version.substr(first));
}

}  // namespace

Status check_model_id(std::string_view model_id) {
  if (model_id.empty()) return invalid_id("It is empty; expected project/version.");
  if (model_id.size() > kMaxIdLength) return invalid_id("It is longer than 512 characters.");
  if (std::count(model_id.begin(), model_id.end(), '/') > 1) {
    return invalid_id("It has more than two segments; expected project/version.");
  }
  std::size_t start = 0;
  while (start <= model_id.size()) {
    const auto end = std::min(model_id.find('/', start), model_id.size());
    const auto segment = model_id.substr(start, end - start);
    if (segment.empty() || segment == "." || segment == "..") {
      return invalid_id("A segment is empty or not a name; expected project/version.");
    }
    if (std::any_of(segment.begin(), segment.end(),
                    [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\'; })) {
      return invalid_id("It holds a control character or a backslash.");
    }
    start = end + 1;
  }
  return {};
}

Result<ModelFolder> ModelFolder::open(fs::path root) {
  std::error_code error;
  auto real = fs::canonical(root, error);
  if (error || !fs::is_directory(real, error)) {
    return Error{Code::not_found, "no models folder " + root.string() + "; give one with --models"};
  }
  return ModelFolder(std::move(real));
}

Result<fs::path> ModelFolder::find(std::string_view model_id) const {
  if (auto checked = check_model_id(model_id); !checked) return std::move(checked).error();
  fs::path folder = root_;
  const auto slash = model_id.find('/');
  folder /= model_id.substr(0, slash);
  if (slash != std::string_view::npos) folder /= without_leading_zeros(model_id.substr(slash + 1));

  std::error_code error;
  if (!fs::is_directory(folder, error) || !is_package(folder)) {
    return Error{Code::not_found, "no package " + std::string(model_id) + " in the models folder"};
  }
  if (!is_inside(root_, folder)) {
    return Error{Code::permission_denied,
                 "the package " + std::string(model_id) + " is a link out of the models folder"};
  }
  for (const auto& file : fs::directory_iterator(folder, error)) {
    if (!is_inside(root_, file.path())) {
      return Error{Code::permission_denied, "the file " + file.path().filename().string() + " of the package " +
                                                std::string(model_id) +
                                                " is a link that is broken or leads out of the models folder"};
    }
  }
  return folder;
}

std::vector<std::string> ModelFolder::list() const {
  std::set<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator project(root_, error), end; !error && project != end; project.increment(error)) {
    if (!project->is_directory()) continue;
    const auto name = project->path().filename().string();
    if (is_package(project->path())) ids.insert(name);
    std::error_code inner;
    for (fs::directory_iterator version(project->path(), inner); !inner && version != end; version.increment(inner)) {
      if (version->is_directory() && is_package(version->path())) {
        ids.insert(name + "/" + version->path().filename().string());
      }
    }
  }
  return {ids.begin(), ids.end()};
}

std::vector<std::string> ModelFolder::versions(std::string_view project) const {
  std::vector<std::string> found;
  if (!check_model_id(project) || project.find('/') != std::string_view::npos) return found;
  std::error_code error;
  for (fs::directory_iterator version(root_ / project, error), end; !error && version != end;
       version.increment(error)) {
    std::error_code unreadable;
    if (version->is_directory(unreadable) && is_package(version->path())) {
      found.push_back(version->path().filename().string());
    }
  }
  return found;
}

}  // namespace osprey::registry
