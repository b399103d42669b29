// One request to a network itself: its images' inputs, from admission to completion.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "registry/model_runner.hpp"
#include "service/in_flight.hpp"
#include "service/network_tensors.hpp"
#include "service/prediction_service.hpp"

namespace osprey::service {

/// Collects what the network gave for each image and completes the request exactly once. Thread-safe.
class PredictionService::NetworkRun final : public Pending, public std::enable_shared_from_this<NetworkRun> {
 public:
  NetworkRun(PredictionService& service, std::shared_ptr<const NetworkRequest> request, NetworkCompletion completion);
  ~NetworkRun() override { in_flight_->remove(this); }
  NetworkRun(const NetworkRun&) = delete;
  NetworkRun& operator=(const NetworkRun&) = delete;

  /// Begins with the model at hand: holds the request against it.
  void start(registry::ModelLease lease);
  void fail(Error error) noexcept override;
  /// Image `index` ran; `outputs` are those of a batch, in which it is at `place`. Errors: what is wrong with them.
  [[nodiscard]] Status finish(std::size_t index, std::span<const TensorView> outputs, std::size_t place,
                              const StageTimes& times);

  [[nodiscard]] bool abandoned() const { return request_->cancel.cancelled() || completed_.load(); }
  [[nodiscard]] TimePoint deadline() const { return request_->deadline; }
  [[nodiscard]] TimePoint now() const { return service_.clock_->now(); }

 private:
  /// What one image's run gave, the wanted outputs only.
  struct ImageOutput {
    Shape shape;
    std::string values;
  };
  void submit_next();
  /// Checks image `index` and hands it to the model's lane.
  void prepare(std::size_t index);
  [[nodiscard]] Result<std::vector<NetworkOutput>> joined();
  void complete(Result<NetworkResponse> result);

  PredictionService& service_;
  const std::shared_ptr<InFlight> in_flight_;
  const std::shared_ptr<const NetworkRequest> request_;
  NetworkCompletion completion_;
  registry::ModelLease lease_;
  NetworkTensors tensors_;
  std::vector<std::size_t> wanted_;                // indices of outputs
  std::vector<std::vector<ImageOutput>> results_;  // each written by its own image's job
  std::vector<StageTimes> times_;                  // so are these
  std::size_t images_ = 0;
  std::atomic<std::size_t> next_{0};       // image that is begun next
  std::atomic<std::size_t> remaining_{0};  // images that are not done
  std::atomic<std::size_t> bytes_{0};      // of the outputs
  std::atomic<bool> completed_{false};
};

/// An image's own input that waits for the network.
class PredictionService::RawNetworkJob final : public registry::InferenceJob {
 public:
  /// `copy`: holds `input` where the request's own bytes are not aligned.
  RawNetworkJob(std::shared_ptr<NetworkRun> run, std::size_t index, std::span<const float> input,
                std::optional<PooledTensor> copy)
      : run_(std::move(run)), index_(index), input_(input), copy_(std::move(copy)), stage_began_(run_->now()) {}

  [[nodiscard]] bool cancelled() const override { return run_->abandoned(); }
  [[nodiscard]] TimePoint deadline() const override { return run_->deadline(); }
  void drop(Error why) noexcept override { run_->fail(std::move(why)); }
  [[nodiscard]] std::span<const float> input() const override { return input_; }
  [[nodiscard]] bool prepared_here() const override { return false; }
  void begin() noexcept override { times_.queue = lap(); }
  [[nodiscard]] Status complete(std::span<const TensorView> outputs, std::size_t index) noexcept override;

 private:
  double lap() noexcept {
    const TimePoint now = run_->now();
    return seconds_between(std::exchange(stage_began_, now), now);
  }

  std::shared_ptr<NetworkRun> run_;
  std::size_t index_;
  std::span<const float> input_;
  std::optional<PooledTensor> copy_;
  StageTimes times_;
  TimePoint stage_began_;
};

}  // namespace osprey::service
