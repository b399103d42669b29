// The last lines of the log, kept in memory for GET /logs.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/common.h>

namespace spdlog::sinks {
class sink;
}

namespace osprey {

struct LogEntry {
  std::chrono::system_clock::time_point time;
  spdlog::level::level_enum level = spdlog::level::info;
  std::string logger;
  std::string message;
};

/// Keeps the newest `capacity` lines. Thread-safe.
class LogRing {
 public:
  /// Requires capacity > 0.
  explicit LogRing(std::size_t capacity);
  ~LogRing();
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;

  /// The lines, oldest first.
  [[nodiscard]] std::vector<LogEntry> entries() const;

  /// Where a logger writes to fill it.
  [[nodiscard]] std::shared_ptr<spdlog::sinks::sink> sink() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace osprey
