#include "api/log_json.hpp"

#include <algorithm>
#include <ctime>
#include <string_view>

#include "api/json_writer.hpp"

namespace osprey::api {
namespace {

/// As Python's logging names them.
std::string_view level_name(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug: return "DEBUG";
    case spdlog::level::info: return "INFO";
    case spdlog::level::warn: return "WARNING";
    case spdlog::level::err: return "ERROR";
    case spdlog::level::critical:
    case spdlog::level::off:
    case spdlog::level::n_levels: return "CRITICAL";
  }
  return "CRITICAL";
}

/// Local time without a zone, to the microsecond: "2026-01-31T12:00:00.000001".
std::string timestamp(std::chrono::system_clock::time_point time) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[32];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string micros = std::to_string(since_epoch.count() % 1'000'000);
  micros.insert(0, 6 - micros.size(), '0');
  return std::string(text, length) + "." + micros;
}

}  // namespace

LogQuery parse_log_query(std::span<const std::pair<std::string, std::string>> query) {
  LogQuery parsed;
  for (const auto& [name, value] : query) {  // a later one overrides an earlier one
    if (name == "level") parsed.level = value;
    if (name == "since") parsed.since = value;
    if (name != "limit") continue;
    const auto limit = to_integer(Scalar::of_text(value), {"query", "limit"}, parsed.problems);
    if (limit) parsed.limit = static_cast<std::size_t>(std::max<std::int64_t>(*limit, 0));
  }
  return parsed;
}

std::string logs_json(std::span<const LogEntry> entries, const LogQuery& query) {
  std::vector<std::pair<const LogEntry*, std::string>> chosen;
  for (const auto& entry : entries) {
    auto time = timestamp(entry.time);
    // Timestamps of this form sort like the times that they stand for.
    if ((query.level.empty() || level_name(entry.level) == query.level) &&
        (query.since.empty() || time > query.since)) {
      chosen.emplace_back(&entry, std::move(time));
    }
  }
  if (chosen.size() > query.limit)
    chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(query.limit));
  JsonWriter json;
  json.begin_object().key("logs").begin_array();
  for (const auto& [entry, time] : chosen) {
    json.begin_object().key("timestamp").string(time).key("level").string(level_name(entry->level));
    json.key("logger").string(entry->logger).key("message").string(entry->message);
    json.key("module").string(entry->logger).key("line").integer(0).end_object();
  }
  json.end_array().key("total_count").integer(static_cast<std::int64_t>(chosen.size())).end_object();
  return std::move(json).take();
}

}  // namespace osprey::api
