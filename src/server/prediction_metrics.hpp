// Counts of predictions by model: since the start, and of the last ten seconds as the reference tells them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "service/prediction_service.hpp"

namespace osprey::server {

/// Thread-safe. Keeps references into the registry, which has to outlive it.
class PredictionMetrics final : public prometheus::Collectable {
 public:
  PredictionMetrics(prometheus::Registry& registry, std::shared_ptr<const Clock> clock);

  /// A request's images were predicted by a live model; `seconds`: the whole request.
  void succeeded(std::string_view model_id, std::span<const service::ImagePrediction> images, double seconds);
  /// A request failed. `model_id` counts only when that model has been live: a client must not make series.
  void failed(std::string_view model_id, Code code);

  /// The gauges of the last ten seconds.
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  static constexpr std::size_t kSeconds = 10;
  static constexpr std::size_t kMaxModels = 256;       // further ones are counted together, as "other"
  static constexpr std::size_t kMaxRecentModels = 25;  // as in the reference

  /// Sums of one second.
  struct Second {
    std::int64_t number = -1;  // since the clock's start
    std::uint64_t images = 0;
    std::uint64_t errors = 0;
    double seconds = 0;
  };
  struct Model {
    prometheus::Counter* images = nullptr;
    std::array<Second, kSeconds> recent{};
  };
  static void add(const Second& part, Second& sum);
  static Second recent_sum(const Model& model, std::int64_t now);
  Model& model(std::string_view model_id);
  Second& this_second(Model& model) const;
  [[nodiscard]] std::int64_t now_second() const;

  std::shared_ptr<const Clock> clock_;
  prometheus::Family<prometheus::Counter>& images_;
  prometheus::Family<prometheus::Counter>& errors_;
  std::vector<prometheus::Histogram*> stages_;
  mutable std::mutex mutex_;  // guards models_
  std::map<std::string, Model, std::less<>> models_;
};

}  // namespace osprey::server
