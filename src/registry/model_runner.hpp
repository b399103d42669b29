// Runs a live model's jobs: joins their inputs to a batch, runs the network, hands each its outputs.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "engine/session.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::registry {

/// One image for a network, prepared. Exactly one of complete() and drop() is called.
class InferenceJob : public scheduler::Job {
 public:
  /// The prepared input: one image, CHW float32. Must stay as it is until complete() or drop().
  [[nodiscard]] virtual std::span<const float> input() const = 0;
  /// The network is about to run on it.
  virtual void begin() noexcept {}
  /// The network ran. `outputs` are those of the whole batch, in which this job is image `index`; they are valid only
  /// during the call.
  virtual void complete(std::span<const TensorView> outputs, std::size_t index) noexcept = 0;
};

/// Keeps one execution per stream and lends it to a batch. A network with a fixed batch of more than one is always
/// given that many images, blank ones where there are too few.
class ModelRunner final : public scheduler::BatchRunner {
 public:
  /// `image_shape`: the input without its batch dimension, CHW. Errors: what the session says.
  [[nodiscard]] static Result<std::unique_ptr<ModelRunner>> create(std::shared_ptr<engine::Session> session,
                                                                   Shape image_shape);
  ~ModelRunner() override;

  void run(std::span<std::unique_ptr<scheduler::Job>> batch) noexcept override;

  /// Images that the network takes at a time: its fixed batch, or 1.
  [[nodiscard]] std::size_t batch_size() const { return least_batch_; }

  /// Runs the network once on a blank image, so that the first request does not pay for what is set up on first use.
  [[nodiscard]] Status warm_up();

 private:
  ModelRunner(std::shared_ptr<engine::Session> session, Shape image_shape);
  struct Stream;
  [[nodiscard]] std::unique_ptr<Stream> take_stream();
  void give_back(std::unique_ptr<Stream> stream);
  [[nodiscard]] Status run_batch(Stream& stream, std::span<std::unique_ptr<scheduler::Job>> batch);

  std::shared_ptr<engine::Session> session_;
  Shape image_shape_;
  std::size_t least_batch_ = 1;  // the network's own batch where it is fixed
  struct Idle;
  std::unique_ptr<Idle> idle_;
};

}  // namespace osprey::registry
