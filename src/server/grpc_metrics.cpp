#include "server/grpc_metrics.hpp"

namespace osprey::server {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60};

}  // namespace

void GrpcMetrics::answered(std::string_view method, std::string_view status, double seconds) {
  const std::lock_guard lock(mutex_);
  if (requests_ == nullptr) {  // a server without gRPC tells nothing of it
    requests_ = &prometheus::BuildCounter()
                     .Name("osprey_grpc_requests_total")
                     .Help("gRPC calls and messages of streams answered, by method and status")
                     .Register(registry_);
    seconds_ = &prometheus::BuildHistogram()
                    .Name("osprey_grpc_request_seconds")
                    .Help("Seconds from a message read in whole to its answer, by method")
                    .Register(registry_);
  }
  auto& counter = counters_[{std::string(method), std::string(status)}];
  if (counter == nullptr) counter = &requests_->Add({{"method", std::string(method)}, {"status", std::string(status)}});
  counter->Increment();
  auto& histogram = histograms_[std::string(method)];
  if (histogram == nullptr) histogram = &seconds_->Add({{"method", std::string(method)}}, kSeconds);
  histogram->Observe(seconds);
}

}  // namespace osprey::server
