#include "base/log.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <utility>

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

namespace osprey {

Result<Log> make_log(std::string_view level, const LogRing* ring) {
  std::string name(level);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto wanted = name == "warning"    ? spdlog::level::warn
                      : name == "critical" ? spdlog::level::critical
                                           : spdlog::level::from_str(name);
  if (wanted == spdlog::level::off && name != "off") {
    return Error{Code::invalid_argument,
                 "unknown log level '" + std::string(level) + "'; choose debug, info, warning, error or off"};
  }
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();  // colours a terminal
  if (const char* refused = std::getenv("NO_COLOR"); refused != nullptr && *refused != '\0') {
    sink->set_color_mode(spdlog::color_mode::never);  // no-color.org
  }
  auto log = std::make_shared<spdlog::logger>("osprey", std::move(sink));
  log->set_level(wanted);
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  log->flush_on(spdlog::level::info);
  if (ring != nullptr) log->sinks().push_back(ring->sink());
  return log;
}

Log make_null_log() {
  return std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>());
}

}  // namespace osprey
