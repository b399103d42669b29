// Runs a live model's jobs: joins their inputs to a batch, runs the network, hands each its outputs.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "engine/session.hpp"
#include "registry/model_health.hpp"
#include "registry/network_forms.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::registry {

/// One image for a network, prepared. Exactly one of complete() and drop() is called; both must not throw.
class InferenceJob : public scheduler::Job {
 public:
  /// The prepared input: one image, CHW float32. Must stay as it is until complete() or drop().
  [[nodiscard]] virtual std::span<const float> input() const = 0;
  /// Whether the input was made from a picture. Of one that a client made anything may come out, which is not the
  /// model's fault.
  [[nodiscard]] virtual bool prepared_here() const { return true; }
  /// The network is about to run on it.
  virtual void begin() noexcept {}
  /// The network ran. `outputs` are those of the whole batch, in which this job is image `index`; they are valid only
  /// during the call. Errors: what is wrong with the outputs, a fault of the model; the job has ended all the same.
  [[nodiscard]] virtual Status complete(std::span<const TensorView> outputs, std::size_t index) noexcept = 0;
};

/// Runs batches on the streams of a network's forms. A network with a fixed batch of more than one is always given that
/// many images, blank ones where there are too few. Whatever an engine throws or gives, each job meets its end, and the
/// model's health is told.
class ModelRunner final : public scheduler::BatchRunner {
 public:
  /// Runs the network of `session` once on a blank image, so that the first request does not pay for what is set up on
  /// first use. `image_shape`: the input without its batch dimension, CHW. `steps` and `compile`: see NetworkForms;
  /// with none there is only this one form. Errors: what the session says.
  [[nodiscard]] static Result<std::unique_ptr<ModelRunner>> create(std::shared_ptr<engine::Session> session,
                                                                   Shape image_shape, std::vector<int> steps = {1},
                                                                   NetworkForms::Compile compile = {});

  /// Where faults are told from now on. Before the first run().
  void report_to(std::shared_ptr<ModelHealth> health) { health_ = std::move(health); }

  void run(std::span<std::unique_ptr<scheduler::Job>> batch, std::size_t demand) noexcept override;
  [[nodiscard]] std::size_t concurrency(std::size_t demand) const noexcept override;
  [[nodiscard]] std::optional<Error> overdue(Duration time) noexcept override;
  void came_back() noexcept override;

  /// Images that the network takes at a time: its fixed batch, or 1.
  [[nodiscard]] std::size_t batch_size() const { return least_batch_; }

  [[nodiscard]] NetworkForms& forms() { return *forms_; }

 private:
  ModelRunner(const engine::Session& session, Shape image_shape);
  [[nodiscard]] Status warm_up(engine::Execution& execution) const;
  [[nodiscard]] Status run_batch(NetworkStream& stream, std::span<std::unique_ptr<scheduler::Job>> batch) const;
  void note(const Status& outcome) const noexcept;

  const Shape image_shape_;
  std::size_t least_batch_ = 1;       // the network's own batch where it is fixed
  std::vector<TensorSpec> promised_;  // outputs as compiled
  std::unique_ptr<NetworkForms> forms_;
  std::shared_ptr<ModelHealth> health_;  // null: nobody is told
};

}  // namespace osprey::registry
