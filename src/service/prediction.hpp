// One request in the service: the state that its images share, from admission to completion.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "registry/model_runner.hpp"
#include "service/in_flight.hpp"
#include "service/prediction_service.hpp"

namespace osprey::service {

/// Collects the outcomes of a request's images and completes it exactly once. Shared by the jobs of its images; the
/// last one that lets go of it has completed it. Thread-safe.
class PredictionService::Prediction final : public Pending, public std::enable_shared_from_this<Prediction> {
 public:
  Prediction(PredictionService& service, std::shared_ptr<const PredictionRequest> request, Completion completion);
  ~Prediction() override { in_flight_->remove(this); }
  Prediction(const Prediction&) = delete;
  Prediction& operator=(const Prediction&) = delete;

  /// Begins with the model at hand. `on_compute_thread`: the first image may be prepared here and now.
  void start(registry::ModelLease lease, bool on_compute_thread);
  void fail(Error error) noexcept override;

  /// Fetches image `index` and submits it to be prepared.
  void fetch(std::size_t index);
  /// Loads and preprocesses image `index` and submits it to the model's lane.
  void prepare(std::size_t index);
  /// Image `index` is done.
  void finish(std::size_t index, ImagePrediction prediction);

  [[nodiscard]] bool abandoned() const { return request_->cancel.cancelled() || completed_.load(); }
  [[nodiscard]] const PredictionRequest& request() const { return *request_; }
  [[nodiscard]] const registry::LiveModel& model() const { return *lease_; }
  [[nodiscard]] TensorPool& tensors() { return service_.tensors_; }
  [[nodiscard]] TimePoint now() const { return service_.clock_->now(); }

 private:
  using Step = void (Prediction::*)(std::size_t index);
  void start_next();
  void submit(Step step, std::size_t index);

  void complete(Result<PredictionResponse> result);

  PredictionService& service_;
  const std::shared_ptr<InFlight> in_flight_;
  const std::shared_ptr<const PredictionRequest> request_;
  Completion completion_;
  registry::ModelLease lease_;
  std::vector<ImagePrediction> results_;  // each written by its own image's job
  /// What a URL pointed to.
  struct Fetched {
    fetch::FetchedBytes bytes;
    double seconds = 0;
  };
  std::vector<Fetched> fetched_;           // each for its own image's job
  std::atomic<std::size_t> next_{0};       // image that is begun next
  std::atomic<std::size_t> remaining_{0};  // images that are not done
  std::atomic<bool> completed_{false};
};

/// A step of a request that waits for a thread: its body to be parsed, an image to be fetched or prepared.
class PredictionService::StepJob final : public scheduler::Job {
 public:
  StepJob(CancelToken cancel, TimePoint deadline, std::function<void()> work, std::function<void(Error)> refused)
      : cancel_(std::move(cancel)), deadline_(deadline), work_(std::move(work)), refused_(std::move(refused)) {}

  [[nodiscard]] bool cancelled() const override { return cancel_.cancelled(); }
  [[nodiscard]] TimePoint deadline() const override { return deadline_; }
  void drop(Error why) noexcept override {
    try {
      refused_(std::move(why));
    } catch (...) {  // no memory for an answer: who waits is answered when this job lets go of him
    }
  }
  void run() { work_(); }

 private:
  CancelToken cancel_;
  TimePoint deadline_;
  std::function<void()> work_;
  std::function<void(Error)> refused_;
};

class PredictionService::StepRunner final : public scheduler::BatchRunner {
 public:
  void run(std::span<std::unique_ptr<scheduler::Job>> batch, std::size_t /*demand*/) noexcept override {
    for (auto& job : batch) {
      try {
        static_cast<StepJob&>(*job).run();
      } catch (const std::exception& e) {  // out of memory, above all: this request fails, the others go on
        job->drop({Code::internal, std::string("preparing the request failed: ") + e.what()});
      } catch (...) {
        job->drop({Code::internal, "preparing the request failed"});
      }
    }
  }
};

/// An image that is prepared and waits for the network.
class PredictionService::NetworkJob final : public registry::InferenceJob {
 public:
  NetworkJob(std::shared_ptr<Prediction> prediction, std::size_t index, PooledTensor input, vision::Geometry geometry,
             image::Image canvas, const StageTimes& times)
      : prediction_(std::move(prediction)),
        index_(index),
        input_(std::move(input)),
        geometry_(geometry),
        canvas_(std::move(canvas)),
        times_(times),
        stage_began_(prediction_->now()) {}

  [[nodiscard]] bool cancelled() const override { return prediction_->abandoned(); }
  [[nodiscard]] TimePoint deadline() const override { return prediction_->request().deadline; }
  void drop(Error why) noexcept override { prediction_->fail(std::move(why)); }
  [[nodiscard]] std::span<const float> input() const override { return input_.values(); }
  void begin() noexcept override { times_.queue = lap(); }
  [[nodiscard]] Status complete(std::span<const TensorView> outputs, std::size_t index) noexcept override;

 private:
  std::shared_ptr<Prediction> prediction_;
  std::size_t index_;
  PooledTensor input_;
  vision::Geometry geometry_;
  image::Image canvas_;  // kept only when a picture was asked for
  StageTimes times_;
  TimePoint stage_began_;

  /// Seconds since the last call.
  double lap() noexcept {
    const TimePoint now = prediction_->now();
    return seconds_between(std::exchange(stage_began_, now), now);
  }
};

}  // namespace osprey::service
