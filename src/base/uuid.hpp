// Random identifiers.
#pragma once

#include <string>

namespace osprey {

/// A random version-4 UUID with dashes: "9f2c1c1e-...". Thread-safe. Not for secrets.
[[nodiscard]] std::string make_uuid();

/// The same without dashes: 32 hex digits.
[[nodiscard]] std::string make_uuid_hex();

}  // namespace osprey
