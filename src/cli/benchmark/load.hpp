// Requests that come one after the other, side by side, or at a rate.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

#include "cli/benchmark/measurements.hpp"

namespace osprey::cli {

struct LoadPlan {
  std::size_t requests = 1000;  ///< of each client; with a rate: in all
  std::size_t clients = 1;      ///< that send their next request when they have their answer
  /// Requests a second, come what may: then `clients` is not looked at. A request that had to wait for its turn counts
  /// from when it was due.
  std::optional<double> rate;
  std::size_t most_at_a_time = 64;  ///< with a rate: requests under way
};

/// Does request number `index`, on a thread of run_load's. What it sets as the outcome's `seconds` is not looked at. It
/// must not throw.
using OneRequest = std::function<Outcome(std::size_t index)>;

/// Makes the requests, adds what became of each to `measurements`, and returns the seconds that all took. It ends early
/// when a stop is requested: what is under way is waited for.
double run_load(const LoadPlan& plan, const OneRequest& request, Measurements& measurements,
                const std::stop_token& stop);

}  // namespace osprey::cli
