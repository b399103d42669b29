#include <cstdlib>
#include <string>

#include "base/base64.hpp"
#include "fuzz_target.hpp"

FUZZ_TARGET(base64)(std::span<const std::byte> bytes) {
  const auto decoded = osprey::decode_base64(osprey::as_text(bytes));
  if (!decoded) return;
  std::string again;
  osprey::append_base64(*decoded, again);
  const auto second = osprey::decode_base64(again);
  if (!second || *second != *decoded) std::abort();
}
