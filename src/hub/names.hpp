// Which names may come from outside: model ids, package ids, file names; and how they are shown.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osprey::hub {

/// One or two segments, each safe as a folder's name. Errors: invalid_argument.
[[nodiscard]] Status check_model_id(std::string_view model_id);

/// The folder of a model in the cache: a readable part and a hash of the whole id.
[[nodiscard]] std::string entry_name(std::string_view model_id);

/// 1 to 255 letters and digits.
[[nodiscard]] bool is_package_id(std::string_view text);

/// A plain file name that hides nothing and leads nowhere: letters, digits, '.', '_', '-', no leading dot, at most 128.
[[nodiscard]] bool is_file_name(std::string_view text);

/// 32 hex digits in lower case.
[[nodiscard]] bool is_md5(std::string_view text);

/// Text from outside for a log or an error: at most 80 bytes, without control characters and bytes beyond ASCII.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace osprey::hub
