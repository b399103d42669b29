// Metrics that are read from the rooms when they are asked for: queues, batches, live models, cache, process.
#pragma once

#include <vector>

#include <prometheus/collectable.h>

#include "hub/hub.hpp"
#include "registry/model_registry.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::server {

/// Reads what it is given; all of it outlives this. Thread-safe.
class StateMetrics final : public prometheus::Collectable {
 public:
  /// `hub` may be null: there is no cache.
  StateMetrics(const scheduler::Scheduler& scheduler, const registry::ModelRegistry& registry, const hub::Hub* hub)
      : scheduler_(scheduler), registry_(registry), hub_(hub) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const scheduler::Scheduler& scheduler_;
  const registry::ModelRegistry& registry_;
  const hub::Hub* hub_;
};

}  // namespace osprey::server
