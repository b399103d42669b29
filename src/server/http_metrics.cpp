#include "server/http_metrics.hpp"

#include <algorithm>
#include <string>
#include <utility>

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
      request_bytes_(prometheus::BuildSummary()
                         .Name("http_request_size_bytes")
                         .Help("Bytes of request bodies, by route")
                         .Register(registry)),
      response_bytes_(prometheus::BuildSummary()
                          .Name("http_response_size_bytes")
                          .Help("Bytes of answers' bodies, by route")
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
    const std::string handler(pattern.empty() ? "none" : pattern);
    found->second.seconds = &seconds_.Add({{"handler", handler}, {"method", std::string(method)}}, kSeconds);
    found->second.request_bytes = &request_bytes_.Add({{"handler", handler}}, prometheus::Summary::Quantiles{});
    found->second.response_bytes = &response_bytes_.Add({{"handler", handler}}, prometheus::Summary::Quantiles{});
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
      counter = &requests_.Add({{"handler", std::string(pattern.empty() ? "none" : pattern)},
                                {"method", std::string(method)},
                                {"status", std::to_string(status_class) + "xx"}});
    }
    counter->Increment();
  }
  series.seconds->Observe(seconds);
  fine_seconds_.Observe(seconds);
  series.request_bytes->Observe(static_cast<double>(request_bytes));
  series.response_bytes->Observe(static_cast<double>(response.body.size()));
}

}  // namespace osprey::server
