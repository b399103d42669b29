// A picture of latencies.
#pragma once

#include <string>

#include "cli/benchmark/measurements.hpp"

namespace osprey::cli {

/// An SVG: how often each latency was met, and the latency below which a share of the requests lies (from 0 to 99.9 %,
/// stretched towards the end, where the slow ones are). `title` and `subtitle` are plain text.
[[nodiscard]] std::string latency_picture(const Statistics& statistics, const std::string& title,
                                          const std::string& subtitle);

}  // namespace osprey::cli
