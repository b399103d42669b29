#include "http/target.hpp"

#include <algorithm>
#include <optional>

#include "http/ascii.hpp"

namespace osprey::http {
namespace {

/// The byte that "%XX" at `at` stands for.
std::optional<char> decode_escape(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string decode_query_text(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (const auto byte = text[i] == '%' ? decode_escape(text, i) : std::nullopt) {
      decoded += *byte;
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

Result<std::string> decode_path(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const auto byte = decode_escape(text, i);
      if (!byte) return Error{Code::invalid_argument, "the path has a '%' that two hex digits do not follow"};
      c = *byte;
      i += 2;
    }
    if (c == '\0') return Error{Code::invalid_argument, "the path has a NUL character"};
    decoded += c;
  }
  return decoded;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    query.emplace_back(decode_query_text(pair.substr(0, equals)),
                       equals == std::string_view::npos ? std::string{} : decode_query_text(pair.substr(equals + 1)));
  }
  return query;
}

Result<Target> parse_target(std::string_view text) {
  if (text == "*") return Target{"*", {}};
  bool absolute = false;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (absolute || !equals_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
    absolute = true;
    text.remove_prefix(scheme.size());
    text.remove_prefix(std::min(text.find_first_of("/?"), text.size()));
  }
  const auto mark = text.find('?');
  auto raw_path = text.substr(0, mark);
  if (absolute && raw_path.empty()) raw_path = "/";
  if (raw_path.empty() || raw_path.front() != '/' || text.find('#') != std::string_view::npos) {
    return Error{Code::invalid_argument, "the request target must look like /path?query"};
  }
  auto path = decode_path(raw_path);
  if (!path) return std::move(path).error();
  Target target;
  target.path = std::move(path).value();
  if (mark != std::string_view::npos) target.query = parse_query(text.substr(mark + 1));
  return target;
}

}  // namespace osprey::http
