#include "server/metrics.hpp"

#include <iterator>
#include <utility>
#include <vector>

#include <prometheus/text_serializer.h>

namespace osprey::server {

Metrics::Metrics(const scheduler::Scheduler& scheduler, const registry::ModelRegistry& registry, const hub::Hub* hub,
                 const std::shared_ptr<const Clock>& clock)
    : http_(*counted_, clock), grpc_(*counted_), predictions_(*counted_, clock), state_(scheduler, registry, hub) {}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> families;
  for (const prometheus::Collectable* source :
       {static_cast<const prometheus::Collectable*>(counted_.get()),
        static_cast<const prometheus::Collectable*>(&http_), static_cast<const prometheus::Collectable*>(&predictions_),
        static_cast<const prometheus::Collectable*>(&state_)}) {
    auto collected = source->Collect();
    std::move(collected.begin(), collected.end(), std::back_inserter(families));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace osprey::server
