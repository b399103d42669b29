#include "server/http_metrics.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

namespace osprey::server {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.1, 0.5, 1};
const prometheus::Histogram::BucketBoundaries kFineSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1,
                                                           0.25,  0.5,    0.75,  1,    1.5,   2,    2.5,   3,
                                                           3.5,   4,      4.5,   5,    7.5,   10,   30,    60};

/// What a client may make up must not make series.
std::string_view known_method(std::string_view method) {
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};
  const auto* found = std::find(std::begin(kMethods), std::end(kMethods), method);
  return found == std::end(kMethods) ? "other" : *found;
}

std::string handler_name(std::string_view pattern) {
  return std::string(pattern.empty() ? "none" : pattern);
}

prometheus::MetricFamily summary(std::string name, std::string help) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Summary;
  return family;
}

void add(prometheus::MetricFamily& family, std::string_view pattern, std::uint64_t count, std::uint64_t sum) {
  prometheus::ClientMetric metric;
  metric.label = {{"handler", handler_name(pattern)}};
  metric.summary.sample_count = count;
  metric.summary.sample_sum = static_cast<double>(sum);
  family.metric.push_back(std::move(metric));
}

}  // namespace

HttpMetrics::HttpMetrics(prometheus::Registry& registry, std::shared_ptr<const Clock> clock)
    : clock_(std::move(clock)),
      requests_(prometheus::BuildCounter()
                    .Name("http_requests_total")
                    .Help("Requests answered, by route, method and class of status")
                    .Register(registry)),
      seconds_(prometheus::BuildHistogram()
                   .Name("http_request_duration_seconds")
                   .Help("Seconds from a request read in whole to its answer, by route and method")
                   .Register(registry)),
      fine_seconds_(prometheus::BuildHistogram()
                        .Name("http_request_duration_highr_seconds")
                        .Help("Seconds from a request read in whole to its answer, of all routes")
                        .Register(registry)
                        .Add({}, kFineSeconds)) {}

http::Responder HttpMetrics::observe(std::string_view pattern, const http::Request& request, http::Responder respond) {
  const auto method = known_method(request.method);
  Series& counted = series(pattern, method);
  auto inner = std::make_shared<http::Responder>(std::move(respond));
  return http::Responder([this, &counted, pattern, method, inner, request_bytes = request.body.size(),
                          start = clock_->now()](http::Response response) {
    count(counted, pattern, method, response, request_bytes, seconds_between(start, clock_->now()));
    (*inner)(std::move(response));
  });
}

HttpMetrics::Series& HttpMetrics::series(std::string_view pattern, std::string_view method) {
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = series_.try_emplace({pattern, method});
  if (is_new) {
    found->second.seconds =
        &seconds_.Add({{"handler", handler_name(pattern)}, {"method", std::string(method)}}, kSeconds);
    found->second.sizes = &sizes_[pattern];
  }
  return found->second;
}

void HttpMetrics::count(Series& series, std::string_view pattern, std::string_view method,
                        const http::Response& response, std::size_t request_bytes, double seconds) {
  const auto status_class = static_cast<std::size_t>(std::clamp(response.status / 100, 1, 5));
  {
    const std::lock_guard lock(mutex_);
    auto*& counter = series.by_status[status_class];
    if (counter == nullptr) {
      counter = &requests_.Add({{"handler", handler_name(pattern)},
                                {"method", std::string(method)},
                                {"status", std::to_string(status_class) + "xx"}});
    }
    counter->Increment();
  }
  series.seconds->Observe(seconds);
  fine_seconds_.Observe(seconds);
  auto& sizes = *series.sizes;
  sizes.answered.fetch_add(1, std::memory_order_relaxed);
  sizes.request_bytes.fetch_add(request_bytes, std::memory_order_relaxed);
  sizes.response_bytes.fetch_add(response.body.size(), std::memory_order_relaxed);
}

std::vector<prometheus::MetricFamily> HttpMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  auto& requests = families.emplace_back(summary("http_request_size_bytes", "Bytes of request bodies, by route"));
  auto responses = summary("http_response_size_bytes", "Bytes of answers' bodies, by route");
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [pattern, sizes] : sizes_) {
      const auto answered = sizes.answered.load(std::memory_order_relaxed);
      add(requests, pattern, answered, sizes.request_bytes.load(std::memory_order_relaxed));
      add(responses, pattern, answered, sizes.response_bytes.load(std::memory_order_relaxed));
    }
  }
  if (requests.metric.empty()) return {};
  families.push_back(std::move(responses));
  return families;
}

}  // namespace osprey::server
