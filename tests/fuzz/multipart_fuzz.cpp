// First line: the Content-Type; then the body.
#include <cstdlib>

#include "api/multipart.hpp"
#include "fuzz_target.hpp"

FUZZ_TARGET(multipart)(std::span<const std::byte> bytes) {
  auto body = osprey::as_text(bytes);
  const auto content_type = osprey::take_line(body);
  const auto parts = osprey::api::parse_multipart(content_type, body);
  if (!parts) return;
  for (const auto& part : *parts) {
    const bool inside = part.data.empty() || (part.data.data() >= body.data() &&
                                              part.data.data() + part.data.size() <= body.data() + body.size());
    if (!inside) std::abort();
  }
}
