// First line: the query; second: the Content-Type; then the body.
#include "api/error_json.hpp"
#include "api/legacy_request.hpp"
#include "fuzz_target.hpp"
#include "http/target.hpp"

FUZZ_TARGET(legacy_request)(std::span<const std::byte> bytes) {
  auto text = osprey::as_text(bytes);
  const auto query = osprey::http::parse_query(osprey::take_line(text));
  const auto content_type = osprey::take_line(text);
  const auto parsed = osprey::api::parse_legacy_request(query, content_type, text);
  (void)osprey::api::problems_json(parsed.problems);
}
