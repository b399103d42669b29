// The files of a package, one after the other: "== name\n" before each.
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "fuzz_target.hpp"
#include "package/package.hpp"

namespace {

constexpr const char* kFiles[] = {
    "class_names.txt",   "inference_config.json", "environment.json",        "model.json",
    "model_config.json", "package.json",          "keypoints_metadata.json", "model_type.json"};

/// One for the process, in memory where there is such a folder; gone with it.
class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_ = std::filesystem::path(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") /
                                      ("osprey-fuzz-" + std::to_string(getpid()));
};

osprey::GraphInfo detector_graph() {
  osprey::GraphInfo graph;
  graph.inputs.push_back({"images", {1, 3, 64, 64}});
  graph.outputs.push_back({"output0", {1, 6, 84}});
  return graph;
}

}  // namespace

FUZZ_TARGET(package_files)(std::span<const std::byte> bytes) {
  static const Folder folder;
  auto text = osprey::as_text(bytes);
  for (const char* name : kFiles) std::filesystem::remove(folder.path() / name);
  while (!text.empty()) {
    const auto heading = osprey::take_line(text);
    const auto next = text.find("\n== ");
    const auto content = text.substr(0, next);
    text.remove_prefix(next == std::string_view::npos ? text.size() : next + 1);
    for (const std::string name : kFiles) {
      if (heading == "== " + name) std::ofstream(folder.path() / name, std::ios::binary) << content;
    }
  }
  std::ofstream(folder.path() / "weights.onnx").put('\0');
  (void)osprey::package::read_package(folder.path(), detector_graph());
}
