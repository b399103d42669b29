// What became of each request of a benchmark, and what follows from it.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace osprey::cli {

/// One request.
struct Outcome {
  double seconds = 0;         ///< from when it was due to its answer
  std::size_t images = 0;     ///< that were answered; 0 for a failure
  double server_seconds = 0;  ///< that the server says it spent on it; 0: not told
  std::string error;          ///< empty: it went well; else a short name ("503", "timeout")
};

/// Of the requests that went well, but for the counts of errors. Times in milliseconds.
struct Statistics {
  std::size_t requests = 0;  ///< that went well
  std::size_t images = 0;
  std::size_t failures = 0;
  std::map<std::string, std::size_t> errors;  ///< how often each was met
  double seconds = 0;                         ///< from the first request to the last answer
  double mean = 0;
  double deviation = 0;  ///< standard deviation
  double p50 = 0;
  double p75 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double least = 0;
  double most = 0;
  double server_mean = 0;         ///< 0: not told
  std::vector<double> latencies;  ///< sorted

  [[nodiscard]] double request_rate() const { return seconds > 0 ? static_cast<double>(requests) / seconds : 0; }
  [[nodiscard]] double image_rate() const { return seconds > 0 ? static_cast<double>(images) / seconds : 0; }
  /// Per cent of all requests.
  [[nodiscard]] double error_rate() const;
};

/// The value below which a share `quantile` (0 to 1) of the sorted values lies, between two of them by linear
/// interpolation (as numpy.percentile). 0 for no values.
[[nodiscard]] double quantile_of(const std::vector<double>& sorted, double quantile);

/// Collects outcomes. Thread-safe.
class Measurements {
 public:
  void add(Outcome outcome);
  /// Over all of them, or over the `last` ones; `seconds` is the time in which they came about.
  [[nodiscard]] Statistics statistics(double seconds, std::size_t last = 0) const;
  [[nodiscard]] std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Outcome> outcomes_;
};

}  // namespace osprey::cli
