// multipart/form-data bodies (RFC 7578), as far as an upload of one file needs them.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osprey::api {

/// A part of a form. Views live as long as the body.
struct FormPart {
  std::string_view name;
  bool is_file = false;  ///< it has a file name
  std::string_view data;
};

/// Splits a body by the boundary of its Content-Type. At most 64 parts. Errors: invalid_argument, saying what is wrong.
[[nodiscard]] Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace osprey::api
