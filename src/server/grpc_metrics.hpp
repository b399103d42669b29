// Counts of gRPC calls by method and status.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace osprey::server {

/// Thread-safe. Keeps references into the registry, which has to outlive it. Series are made when first counted.
class GrpcMetrics {
 public:
  explicit GrpcMetrics(prometheus::Registry& registry) : registry_(registry) {}

  /// A call, or a message of a stream, was answered. `method` and `status`: of fixed sets.
  void answered(std::string_view method, std::string_view status, double seconds);

 private:
  prometheus::Registry& registry_;
  std::mutex mutex_;  // guards what follows
  prometheus::Family<prometheus::Counter>* requests_ = nullptr;
  prometheus::Family<prometheus::Histogram>* seconds_ = nullptr;
  std::map<std::pair<std::string, std::string>, prometheus::Counter*, std::less<>> counters_;
  std::map<std::string, prometheus::Histogram*, std::less<>> histograms_;
};

}  // namespace osprey::server
