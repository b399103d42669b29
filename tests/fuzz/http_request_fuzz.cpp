// The bytes of a connection, in pieces: the first byte says how long those are.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "fuzz_target.hpp"
#include "http/request_reader.hpp"

FUZZ_TARGET(http_request)(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const std::size_t piece = 1 + std::to_integer<std::size_t>(bytes.front());
  auto rest = osprey::as_text(bytes.subspan(1));
  osprey::http::Limits limits;
  limits.header_bytes = 4096;
  limits.body_bytes = 8192;
  std::string held;
  while (true) {
    osprey::http::RequestReader reader(limits);
    while (!reader.complete() && !reader.refusal()) {
      const auto count = reader.feed(held);
      held.erase(0, count);
      if (reader.complete() || reader.refusal()) break;
      if (rest.empty()) return;
      const auto next = rest.substr(0, piece);
      rest.remove_prefix(next.size());
      held += next;
      if (held.size() > limits.header_bytes + 1024) std::abort();  // a reader that neither takes nor refuses
    }
    if (reader.refusal() || reader.request().body.size() > limits.body_bytes) return;
    if (held.empty() && rest.empty()) return;
  }
}
