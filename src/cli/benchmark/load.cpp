#include "cli/benchmark/load.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace osprey::cli {
namespace {

using std::chrono::steady_clock;

/// Sleeps until then, but notices within a moment that it is all over.
void sleep_until(TimePoint when, const std::stop_token& stop) {
  constexpr auto kMoment = std::chrono::milliseconds(50);
  while (!stop.stop_requested() && steady_clock::now() < when) {
    std::this_thread::sleep_until(std::min(when, steady_clock::now() + kMoment));
  }
}

}  // namespace

double run_load(const LoadPlan& plan, const OneRequest& request, Measurements& measurements,
                const std::stop_token& stop) {
  const std::size_t total = plan.rate ? plan.requests : plan.requests * plan.clients;
  const std::size_t threads = plan.rate ? std::min(plan.most_at_a_time, total) : plan.clients;
  const auto begin = steady_clock::now();
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    while (!stop.stop_requested()) {
      const auto index = next.fetch_add(1);
      if (index >= total) return;
      auto due = steady_clock::now();
      if (plan.rate) {
        due = begin + std::chrono::duration_cast<Duration>(
                          std::chrono::duration<double>(static_cast<double>(index) / *plan.rate));
        sleep_until(due, stop);
        if (stop.stop_requested()) return;
      }
      auto outcome = request(index);
      outcome.seconds = seconds_between(due, steady_clock::now());
      measurements.add(std::move(outcome));
    }
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  }
  return seconds_between(begin, steady_clock::now());
}

}  // namespace osprey::cli
