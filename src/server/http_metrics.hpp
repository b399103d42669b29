// Counts of HTTP requests by route, under the names that the reference's metrics have.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace osprey::server {

/// Thread-safe. Counters and histograms are the registry's, which has to outlive this; the sizes of bodies are
/// collected from here, as the library's summaries keep every value of the last minutes even where no quantile is asked
/// for.
class HttpMetrics final : public prometheus::Collectable {
 public:
  HttpMetrics(prometheus::Registry& registry, std::shared_ptr<const Clock> clock);

  /// Counts a request once it is answered: the responder to be used in the place of `respond`. `pattern`: its route's,
  /// which lives as long as this; empty for a path without one.
  [[nodiscard]] http::Responder observe(std::string_view pattern, const http::Request& request,
                                        http::Responder respond);

  /// The sizes of bodies.
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  /// What one route's bodies add up to.
  struct Sizes {
    std::atomic<std::uint64_t> answered = 0, request_bytes = 0, response_bytes = 0;
  };
  /// The series of one route and method.
  struct Series {
    std::array<prometheus::Counter*, 6> by_status{};  // [2]: 2xx, made when first counted
    prometheus::Histogram* seconds = nullptr;
    Sizes* sizes = nullptr;
  };
  Series& series(std::string_view pattern, std::string_view method);
  void count(Series& series, std::string_view pattern, std::string_view method, const http::Response& response,
             std::size_t request_bytes, double seconds);

  std::shared_ptr<const Clock> clock_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Histogram& fine_seconds_;
  mutable std::mutex mutex_;  // guards both maps and what Series::by_status points to
  std::map<std::string_view, Sizes> sizes_;
  std::map<std::pair<std::string_view, std::string_view>, Series> series_;
};

}  // namespace osprey::server
