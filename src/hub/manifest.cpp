#include "hub/manifest.hpp"

#include <fstream>
#include <numeric>
#include <system_error>
#include <utility>

#include "hub/file_download.hpp"
#include "hub/json_text.hpp"
#include "hub/names.hpp"

namespace osprey::hub {
namespace {

constexpr int kFormat = 1;

Error damaged(const std::string& what) {
  return {Code::data_corrupted, "its manifest " + what};
}

}  // namespace

std::uint64_t Manifest::bytes() const {
  return std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const FileRecord& file) { return sum + file.bytes; });
}

Result<std::optional<Manifest>> read_manifest(const std::filesystem::path& folder) {
  std::error_code error;
  const auto path = folder / kManifestName;
  const auto size = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
    return std::optional<Manifest>();
  }
  if (error || size > kMaxJsonBytes) return damaged("cannot be read");
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  file.read(text.data(), static_cast<std::streamsize>(size));
  if (!file) return damaged("cannot be read");

  auto root = parse_json_object(text);
  if (!root) return damaged("is broken: " + root.error().message);
  if (integer_member(*root, "format") != kFormat) return damaged("has another format than " + std::to_string(kFormat));
  Manifest manifest;
  manifest.model_id = text_member(*root, "model_id").value_or("");
  manifest.package_id = text_member(*root, "package_id").value_or("");
  const auto* files = member(*root, "files");
  if (files == nullptr || !files->is_array() || files->empty()) return damaged("names no files");
  for (const auto& entry : *files) {
    FileRecord record{text_member(entry, "name").value_or(""), 0, text_member(entry, "md5").value_or("")};
    const auto bytes = integer_member(entry, "bytes").value_or(-1);
    if (!is_file_name(record.name) || !is_md5(record.md5) || bytes < 0) return damaged("has a broken entry");
    record.bytes = static_cast<std::uint64_t>(bytes);
    manifest.files.push_back(std::move(record));
  }
  return std::optional(std::move(manifest));
}

Status write_manifest(const std::filesystem::path& folder, const Manifest& manifest) {
  nlohmann::json root{{"format", kFormat}, {"model_id", manifest.model_id}, {"package_id", manifest.package_id}};
  auto& files = root["files"] = nlohmann::json::array();
  for (const FileRecord& file : manifest.files) {
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"md5", file.md5}});
  }
  auto written = write_file(folder / kManifestName, to_text(root));
  return written ? Status() : Status(std::move(written).error());
}

}  // namespace osprey::hub
