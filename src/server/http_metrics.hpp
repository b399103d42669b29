// Counts of HTTP requests by route, under the names that the reference's metrics have.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace osprey::server {

/// Thread-safe. Keeps references into the registry, which has to outlive it.
class HttpMetrics {
 public:
  HttpMetrics(prometheus::Registry& registry, std::shared_ptr<const Clock> clock);

  /// Counts a request once it is answered: the responder to be used in the place of `respond`. `pattern`: its route's,
  /// which lives as long as this; empty for a path without one.
  [[nodiscard]] http::Responder observe(std::string_view pattern, const http::Request& request,
                                        http::Responder respond);

 private:
  /// The series of one route and method.
  struct Series {
    std::array<prometheus::Counter*, 6> by_status{};  // [2]: 2xx, made when first counted
    prometheus::Histogram* seconds = nullptr;
    prometheus::Summary* request_bytes = nullptr;
    prometheus::Summary* response_bytes = nullptr;
  };
  Series& series(std::string_view pattern, std::string_view method);
  void count(Series& series, std::string_view pattern, std::string_view method, const http::Response& response,
             std::size_t request_bytes, double seconds);

  std::shared_ptr<const Clock> clock_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Summary>& request_bytes_;
  prometheus::Family<prometheus::Summary>& response_bytes_;
  prometheus::Histogram& fine_seconds_;
  std::mutex mutex_;  // guards series_ and what Series::by_status points to
  std::map<std::pair<std::string_view, std::string_view>, Series> series_;
};

}  // namespace osprey::server
