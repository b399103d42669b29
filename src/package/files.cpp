#include "package/files.hpp"

#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <simdjson.h>

namespace osprey::package {

namespace fs = std::filesystem;

Result<std::optional<std::string>> read_text(const fs::path& folder, const std::string& name) {
  const fs::path path = folder / name;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return std::optional<std::string>{};
  // A pipe or a device would block the reader or never end.
  if (!fs::is_regular_file(status)) return Error{Code::data_corrupted, name + " is not a regular file"};

  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return Error{Code::unavailable, name + " cannot be read: " + error.message()};
  if (size > kMaxTextBytes) {
    return Error{Code::data_corrupted, name + " has more than " + std::to_string(kMaxTextBytes >> 20U) + " MiB"};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Code::unavailable, name + " cannot be opened for reading"};
  std::string text(static_cast<std::size_t>(size), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{Code::unavailable, name + " cannot be read"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return std::optional<std::string>(std::move(text));
}

Result<std::vector<std::string>> parse_class_names(const std::string& text, const std::string& name) {
  if (!simdjson::validate_utf8(text)) return Error{Code::data_corrupted, name + " is not UTF-8 text"};
  std::string_view rest = text;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());

  std::vector<std::string> names;
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::size_t first = line.find_first_not_of(kBlank);
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(kBlank) - first + 1);
    if (names.size() == kMaxClassNames) {
      return Error{Code::data_corrupted, name + " has more than " + std::to_string(kMaxClassNames) + " class names"};
    }
    names.emplace_back(line);
  }
  if (names.empty()) return Error{Code::data_corrupted, name + " holds no class name; one a line is expected"};
  return names;
}

}  // namespace osprey::package
