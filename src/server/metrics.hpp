// Everything that /metrics tells.
#pragma once

#include <memory>
#include <string>

#include <prometheus/registry.h>

#include "base/clock.hpp"
#include "server/grpc_metrics.hpp"
#include "server/http_metrics.hpp"
#include "server/prediction_metrics.hpp"
#include "server/state_metrics.hpp"

namespace osprey::server {

/// Thread-safe. What it reads outlives it.
class Metrics {
 public:
  /// `hub` may be null.
  Metrics(const scheduler::Scheduler& scheduler, const registry::ModelRegistry& registry, const hub::Hub* hub,
          const std::shared_ptr<const Clock>& clock);

  [[nodiscard]] HttpMetrics& http() { return http_; }
  [[nodiscard]] GrpcMetrics& grpc() { return grpc_; }
  [[nodiscard]] PredictionMetrics& predictions() { return predictions_; }

  /// In Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  std::shared_ptr<prometheus::Registry> counted_ = std::make_shared<prometheus::Registry>();
  HttpMetrics http_;
  GrpcMetrics grpc_;
  PredictionMetrics predictions_;
  StateMetrics state_;
};

}  // namespace osprey::server
