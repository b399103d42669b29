#include "server/prediction_metrics.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

namespace osprey::server {
namespace {

struct Stage {
  const char* name;
  double service::StageTimes::* seconds;
};
constexpr Stage kStages[] = {
    {"fetch", &service::StageTimes::fetch},
    {"load", &service::StageTimes::load},
    {"preprocess", &service::StageTimes::preprocess},
    {"queue", &service::StageTimes::queue},
    {"network", &service::StageTimes::network},
    {"decode", &service::StageTimes::decode},
    {"draw", &service::StageTimes::draw},
};
const prometheus::Histogram::BucketBoundaries kStageSeconds{0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                            0.05,   0.1,    0.25,  0.5,    1,     2.5,  10};

/// A model id as part of a metric's name, as the reference writes it.
std::string name_part(std::string_view model_id) {
  std::string name(model_id);
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

prometheus::MetricFamily gauge(std::string name, std::string help, double value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge, {std::move(metric)}};
}

}  // namespace

PredictionMetrics::PredictionMetrics(prometheus::Registry& registry, std::shared_ptr<const Clock> clock)
    : clock_(std::move(clock)),
      images_(
          prometheus::BuildCounter().Name("osprey_images_total").Help("Images predicted, by model").Register(registry)),
      errors_(prometheus::BuildCounter()
                  .Name("osprey_prediction_errors_total")
                  .Help("Prediction requests that failed, by model and reason")
                  .Register(registry)) {
  auto& stages = prometheus::BuildHistogram()
                     .Name("osprey_stage_seconds")
                     .Help("Seconds that an image spent in each stage")
                     .Register(registry);
  for (const auto& stage : kStages) stages_.push_back(&stages.Add({{"stage", stage.name}}, kStageSeconds));
}

void PredictionMetrics::succeeded(std::string_view model_id, std::span<const service::ImagePrediction> images,
                                  double seconds) {
  {
    const std::lock_guard lock(mutex_);
    auto& counted = model(model_id);
    counted.images->Increment(static_cast<double>(images.size()));
    auto& second = this_second(counted);
    second.images += images.size();
    second.seconds += seconds * static_cast<double>(images.size());
  }
  for (const auto& image : images) {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      // A stage that an image does not have is left out: it would only pull the others' distribution down.
      if (const double spent = image.times.*kStages[i].seconds; spent > 0) stages_[i]->Observe(spent);
    }
  }
}

void PredictionMetrics::failed(std::string_view model_id, Code code) {
  std::string label;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = models_.find(model_id); known != models_.end()) {
      label = known->first;
      ++this_second(known->second).errors;
    }
  }
  errors_.Add({{"model", label}, {"reason", std::string(to_string(code))}}).Increment();
}

PredictionMetrics::Model& PredictionMetrics::model(std::string_view model_id) {
  auto found = models_.find(model_id);
  if (found == models_.end()) {
    const std::string label(models_.size() < kMaxModels ? model_id : "other");
    found = models_.try_emplace(label).first;
    if (found->second.images == nullptr) found->second.images = &images_.Add({{"model", label}});
  }
  return found->second;
}

PredictionMetrics::Second& PredictionMetrics::this_second(Model& model) const {
  const std::int64_t now = now_second();
  auto& second = model.recent[static_cast<std::size_t>(now) % kSeconds];
  if (second.number != now) second = {.number = now};
  return second;
}

std::int64_t PredictionMetrics::now_second() const {
  return std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
}

std::vector<prometheus::MetricFamily> PredictionMetrics::Collect() const {
  // By name, as two ids may have the same one ("a-b/1", "a_b/1").
  std::map<std::string, Second> by_name;
  Second all;
  double sum_of_averages = 0;
  const auto average = [](const Second& sum) {
    return sum.images == 0 ? 0.0 : sum.seconds / static_cast<double>(sum.images);
  };
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = now_second();
    for (const auto& [id, model] : models_) {
      const Second recent = recent_sum(model, now);
      add(recent, all);
      sum_of_averages += average(recent);
      const auto name = name_part(id);
      if (name == "total") continue;  // the name of the sums below
      if (by_name.size() < kMaxRecentModels || by_name.contains(name)) add(recent, by_name[name]);
    }
  }
  std::vector<prometheus::MetricFamily> families;
  const auto tell = [&families](const std::string& name, const Second& sum, double seconds) {
    families.push_back(
        gauge("num_inferences_" + name, "Images predicted in the last 10 s", static_cast<double>(sum.images)));
    families.push_back(gauge("avg_inference_time_" + name, "Seconds an image, over the last 10 s", seconds));
    families.push_back(
        gauge("num_errors_" + name, "Requests that failed in the last 10 s", static_cast<double>(sum.errors)));
  };
  for (const auto& [name, sum] : by_name) tell(name, sum, average(sum));
  tell("total", all, sum_of_averages);
  return families;
}

void PredictionMetrics::add(const Second& part, Second& sum) {
  sum.images += part.images;
  sum.errors += part.errors;
  sum.seconds += part.seconds;
}

PredictionMetrics::Second PredictionMetrics::recent_sum(const Model& model, std::int64_t now) {
  Second sum;
  for (const auto& second : model.recent) {
    if (second.number > now - static_cast<std::int64_t>(kSeconds)) add(second, sum);
  }
  return sum;
}

}  // namespace osprey::server
