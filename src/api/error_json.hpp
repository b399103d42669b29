// Errors as the wire tells them.
#pragma once

#include <string>
#include <string_view>

#include "api/scalar.hpp"
#include "base/result.hpp"

namespace osprey::api {

/// The HTTP status of a failure.
[[nodiscard]] int http_status(Code code);

/// {"message": ...}: an error of the routes that predict or manage models; with "help_url" when there is one.
[[nodiscard]] std::string message_json(std::string_view message, std::string_view help_url = {});

/// {"detail": [{type, loc, msg, input, ctx?}, ...]}: a request that does not fit its schema (422).
[[nodiscard]] std::string problems_json(const Problems& problems);

}  // namespace osprey::api
