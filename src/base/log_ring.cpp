#include "base/log_ring.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>

namespace osprey {

struct LogRing::Impl {
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink;
};

LogRing::LogRing(std::size_t capacity)
    : impl_(std::make_unique<Impl>(Impl{std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(capacity)})) {}

LogRing::~LogRing() = default;

std::vector<LogEntry> LogRing::entries() const {
  std::vector<LogEntry> entries;
  for (const auto& line : impl_->sink->last_raw()) {
    entries.push_back({line.time, line.level, std::string(line.logger_name.begin(), line.logger_name.end()),
                       std::string(line.payload.begin(), line.payload.end())});
  }
  return entries;
}

std::shared_ptr<spdlog::sinks::sink> LogRing::sink() const {
  return impl_->sink;
}

}  // namespace osprey
