// The request target: from "/a%20b?c=d" to a path and parameters.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osprey::http {

/// A request target, taken apart.
struct Target {
  std::string path;                                        ///< percent-decoded; starts with '/', or is "*"
  std::vector<std::pair<std::string, std::string>> query;  ///< percent- and plus-decoded bytes, in order
};

/// Takes apart a target in origin form ("/path?query"), absolute form ("http://host/path?query") or "*" (RFC 9112
/// section 3.2). A query's broken percent-encoding stays as it is, like in the reference; a path's is an error.
/// Errors: invalid_argument for another form, broken percent-encoding in the path, or NUL in it.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

/// Parses "a=b&c=%20+d": pairs split at '&', '+' is a space, a pair without '=' has an empty value, empty pairs are
/// left out. The bytes may be anything, not only UTF-8.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text);

}  // namespace osprey::http
