#include "api/multipart.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

namespace osprey::api {
namespace {

constexpr std::size_t kMaxParts = 64;
constexpr std::size_t kMaxPartHeader = 8192;

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The value of `name` among the parameters of a header value: `form-data; name="file"; filename="a.jpg"`.
std::optional<std::string_view> parameter(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos) {
    header.remove_prefix(at + 1);
    const auto equals = header.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = trimmed(header.substr(0, equals));
    header.remove_prefix(equals + 1);
    std::string_view value;
    if (header.starts_with('"')) {
      const auto close = header.find('"', 1);
      if (close == std::string_view::npos) return std::nullopt;
      value = header.substr(1, close - 1);
      header.remove_prefix(close + 1);
      at = header.find(';');
    } else {
      at = header.find(';');
      value = trimmed(header.substr(0, at));
    }
    if (equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

/// Reads a part's header into `part`. False when it is not that of a form's part.
bool read_part_header(std::string_view header, FormPart& part) {
  while (!header.empty()) {
    const auto end = std::min(header.find("\r\n"), header.size());
    const auto line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    if (!equals_ignoring_case(trimmed(line.substr(0, colon)), "content-disposition")) continue;
    const auto name = parameter(line, "name");
    if (!name) return false;
    part.name = *name;
    part.is_file = parameter(line, "filename").has_value() || parameter(line, "filename*").has_value();
    return true;
  }
  return false;
}

Error malformed(const char* what) {
  return {Code::invalid_argument, std::string("malformed multipart/form-data: ") + what};
}

}  // namespace

Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70)
    return malformed("the Content-Type names no valid boundary");
  const std::string delimiter = "\r\n--" + std::string(*boundary);

  // The first delimiter may stand at the very start, without a line break before it.
  std::size_t at = 0;
  if (body.starts_with(std::string_view(delimiter).substr(2))) {
    at = delimiter.size() - 2;
  } else {
    at = body.find(delimiter);
    if (at == std::string_view::npos) return malformed("the body does not hold the boundary");
    at += delimiter.size();
  }
  std::vector<FormPart> parts;
  while (!body.substr(at).starts_with("--")) {
    if (parts.size() == kMaxParts) return malformed("it has more than 64 parts");
    at = body.find("\r\n", at);
    if (at == std::string_view::npos) return malformed("a boundary is not followed by a part");
    at += 2;
    const auto header_end = body.find("\r\n\r\n", at);
    if (header_end == std::string_view::npos || header_end - at > kMaxPartHeader)
      return malformed("a part's header does not end");
    FormPart part;
    if (!read_part_header(body.substr(at, header_end - at), part)) return malformed("a part has no name");
    const auto data = header_end + 4;
    // An empty part's delimiter shares the line break that ends its header.
    const auto end = body.find(delimiter, header_end + 2);
    if (end == std::string_view::npos) return malformed("the last part does not end with the boundary");
    part.data = end < data ? std::string_view() : body.substr(data, end - data);
    parts.push_back(part);
    at = end + delimiter.size();
  }
  return parts;
}

}  // namespace osprey::api
