#include <cstdlib>

#include "fuzz_target.hpp"
#include "http/target.hpp"

FUZZ_TARGET(http_target)(std::span<const std::byte> bytes) {
  const auto target = osprey::http::parse_target(osprey::as_text(bytes));
  if (!target) return;
  const bool sound = target->path == "*" || target->path.starts_with('/');
  if (!sound || target->path.find('\0') != std::string::npos) std::abort();
}
