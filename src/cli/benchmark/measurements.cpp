#include "cli/benchmark/measurements.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace osprey::cli {

double Statistics::error_rate() const {
  const auto all = requests + failures;
  return all == 0 ? 0 : 100.0 * static_cast<double>(failures) / static_cast<double>(all);
}

double quantile_of(const std::vector<double>& sorted, double quantile) {
  if (sorted.empty()) return 0;
  const double place = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

void Measurements::add(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  outcomes_.push_back(std::move(outcome));
}

std::size_t Measurements::count() const {
  const std::lock_guard lock(mutex_);
  return outcomes_.size();
}

Statistics Measurements::statistics(double seconds, std::size_t last) const {
  Statistics result;
  result.seconds = seconds;
  double server_seconds = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto first = last == 0 || last > outcomes_.size() ? 0 : outcomes_.size() - last;
    for (auto i = first; i < outcomes_.size(); ++i) {
      const auto& outcome = outcomes_[i];
      if (!outcome.error.empty()) {
        ++result.failures;
        ++result.errors[outcome.error];
        continue;
      }
      result.latencies.push_back(outcome.seconds * 1e3);
      result.images += outcome.images;
      server_seconds += outcome.server_seconds;
    }
  }
  auto& values = result.latencies;
  result.requests = values.size();
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  const double squares = std::accumulate(values.begin(), values.end(), 0.0, [&](double sum, double value) {
    return sum + (value - result.mean) * (value - result.mean);
  });
  result.deviation = std::sqrt(squares / count);
  result.p50 = quantile_of(values, 0.50);
  result.p75 = quantile_of(values, 0.75);
  result.p90 = quantile_of(values, 0.90);
  result.p95 = quantile_of(values, 0.95);
  result.p99 = quantile_of(values, 0.99);
  result.least = values.front();
  result.most = values.back();
  result.server_mean = server_seconds * 1e3 / count;
  return result;
}

}  // namespace osprey::cli
