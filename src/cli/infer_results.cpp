#include "cli/infer_results.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>
#include <utility>

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDescription = ".inference-infer.json";

fs::path with_suffix(const fs::path& folder, const fs::path& name, std::string_view suffix) {
  fs::path path = folder / name;
  path += suffix;
  return path;
}

Error cannot_write(const fs::path& path, const std::string& why) {
  return {Code::unavailable, "cannot write '" + path.string() + "': " + why};
}

/// Beside its place first, so that a file is there whole or not at all.
Status write_whole(const fs::path& path, std::span<const char> bytes) {
  fs::path unfinished = path;
  unfinished += ".part";
  errno = 0;
  {
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) {
      const std::string why = errno != 0 ? std::strerror(errno) : "writing failed";
      std::error_code ignored;
      fs::remove(unfinished, ignored);
      return cannot_write(path, why);
    }
  }
  std::error_code error;
  fs::rename(unfinished, path, error);
  return error ? Status(cannot_write(path, error.message())) : Status();
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) return Error{Code::unavailable, "cannot read '" + path.string() + "'"};
  return text;
}

}  // namespace

Result<ResultsFolder> ResultsFolder::open(fs::path folder, std::string_view description, bool with_pictures) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) return cannot_write(folder, error ? error.message() : "it is no folder");
  const fs::path file = folder / kDescription;
  const auto told = read_whole(file);
  if (!told || *told != description) {
    if (auto written = write_whole(file, description); !written) return std::move(written).error();
  }
  const auto began = fs::last_write_time(file, error);
  if (error) return Error{Code::unavailable, "cannot read '" + file.string() + "': " + error.message()};
  return ResultsFolder(std::move(folder), began, with_pictures);
}

bool ResultsFolder::has(const InferInput& input) const {
  std::error_code error;
  const auto made = fs::last_write_time(with_suffix(folder_, input.name, ".json"), error);
  if (error || made < began_) return false;
  if (with_pictures_ && !fs::exists(with_suffix(folder_, input.name, kPictureSuffix), error)) return false;
  if (input.bytes) return false;  // standard input may hold something else each time
  if (input.file.empty()) return true;
  const auto changed = fs::last_write_time(input.file, error);
  return !error && changed <= made;
}

Result<std::string> ResultsFolder::read(const InferInput& input) const {
  return read_whole(with_suffix(folder_, input.name, ".json"));
}

Status ResultsFolder::write(const InferInput& input, const client::Prediction& prediction) const {
  const fs::path json = with_suffix(folder_, input.name, ".json");
  std::error_code error;
  fs::create_directories(json.parent_path(), error);
  if (error) return cannot_write(json, error.message());
  if (with_pictures_) {
    const auto* bytes = reinterpret_cast<const char*>(prediction.visualization.data());
    const auto picture = with_suffix(folder_, input.name, kPictureSuffix);
    if (auto written = write_whole(picture, {bytes, prediction.visualization.size()}); !written) return written;
  }
  // Last: it says that all is there.
  return write_whole(json, prediction.json + "\n");
}

}  // namespace osprey::cli
