#include "http/request_id.hpp"

#include "base/uuid.hpp"
#include "http/ascii.hpp"

namespace osprey::http {

bool is_uuid4(std::string_view text) {
  const bool dashes = text.size() == 36;
  if (!dashes && text.size() != 32) return false;
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return false;
    if (digit == 12 && value != 4) return false;            // the version
    if (digit == 16 && (value & 0xC) != 0x8) return false;  // the variant: binary 10xx
    ++digit;
  }
  return true;
}

std::string request_id(const Headers& headers) {
  if (const auto given = headers.find("X-Request-ID"); given && is_uuid4(*given)) return std::string(*given);
  return make_uuid_hex();
}

}  // namespace osprey::http
