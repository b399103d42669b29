// Reads simdjson's on-demand values into Scalars, checking all that it passes over.
#pragma once

#include <simdjson.h>

#include "api/scalar.hpp"

namespace osprey::api {

/// Reads `value` to its end. Text without escapes is viewed where it stands; other text lies in the parser's buffer.
/// Both live as long as the parser and its text. `levels`: how deep lists and objects may be nested, `value` itself
/// included. Error: simdjson's, for JSON that is malformed or too deep.
[[nodiscard]] simdjson::error_code read_scalar(simdjson::ondemand::value value, Scalar& scalar, int levels);

}  // namespace osprey::api
