// First line: the Inference-Header-Content-Length, empty for none; then the body.
#include <cstdlib>
#include <optional>
#include <string>
#include <variant>

#include "fuzz_target.hpp"
#include "oip/rest/infer_body.hpp"

FUZZ_TARGET(oip_infer)(std::span<const std::byte> bytes) {
  auto body = osprey::as_text(bytes);
  const auto line = osprey::take_line(body);
  const auto header = line.empty() ? std::nullopt : std::optional(line);
  osprey::oip::InferBody parsed(std::string(body), header, 32);
  (void)osprey::oip::parse_repository_body(std::string(body), 32);
  if (!parsed.status()) {
    if (parsed.status().error().message.empty()) std::abort();
    return;
  }
  // What was taken fits: all of its bytes are read here, for a sanitizer to see.
  std::size_t sum = 0;
  const auto request = parsed.take_request();
  for (const auto& input : request.inputs) {
    if (!osprey::oip::check_input(input)) std::abort();
    if (const auto* elements = std::get_if<osprey::oip::Elements>(&input.data)) {
      for (const auto element : elements->values) {
        for (const char c : element) sum += static_cast<unsigned char>(c);
      }
    } else {
      for (const auto b : std::get<osprey::oip::RawData>(input.data)) sum += std::to_integer<std::size_t>(b);
    }
  }
  if (sum == static_cast<std::size_t>(-1)) std::abort();
}
