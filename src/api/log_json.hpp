// GET /logs: its parameters and its answer.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/scalar.hpp"
#include "base/log_ring.hpp"

namespace osprey::api {

/// What /logs is asked for (http-api section 6 of the reference).
struct LogQuery {
  std::size_t limit = 100;  ///< the newest so many
  std::string level;        ///< "INFO", exactly; empty: all
  std::string since;        ///< ISO 8601, local time: only later ones; empty: all
  Problems problems;
};

[[nodiscard]] LogQuery parse_log_query(std::span<const std::pair<std::string, std::string>> query);

/// {"logs": [...], "total_count": n}: those of `entries` (oldest first) that are asked for.
[[nodiscard]] std::string logs_json(std::span<const LogEntry> entries, const LogQuery& query);

}  // namespace osprey::api
