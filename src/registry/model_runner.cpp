#include "registry/model_runner.hpp"

#include <algorithm>
#include <utility>

namespace osprey::registry {

ModelRunner::ModelRunner(const engine::Session& session, Shape image_shape) : image_shape_(std::move(image_shape)) {
  const auto& inputs = session.graph().inputs;
  if (!inputs.empty() && !inputs.front().shape.empty() && inputs.front().shape.front() > 1) {
    least_batch_ = static_cast<std::size_t>(inputs.front().shape.front());
  }
}

Result<std::unique_ptr<ModelRunner>> ModelRunner::create(std::shared_ptr<engine::Session> session, Shape image_shape,
                                                         std::vector<int> steps, NetworkForms::Compile compile) {
  auto runner = std::unique_ptr<ModelRunner>(new ModelRunner(*session, std::move(image_shape)));
  auto forms =
      NetworkForms::create(std::move(session), std::move(steps), std::move(compile),
                           [self = runner.get()](engine::Execution& execution) { return self->warm_up(execution); });
  if (!forms) return std::move(forms).error();
  runner->forms_ = std::move(forms).value();
  return runner;
}

std::size_t ModelRunner::concurrency(std::size_t demand) const noexcept {
  return forms_->concurrency(demand);
}

void ModelRunner::run(std::span<std::unique_ptr<scheduler::Job>> batch, std::size_t demand) noexcept {
  auto stream = forms_->take(demand);
  if (!stream) {
    for (auto& job : batch) job->drop({Code::internal, "more batches at a time than the network has streams"});
    return;
  }
  if (auto ran = run_batch(*stream, batch); !ran) {
    for (auto& job : batch) job->drop(ran.error());
  } else {
    const auto outputs = stream->execution->outputs();
    for (std::size_t i = 0; i < batch.size(); ++i) static_cast<InferenceJob&>(*batch[i]).complete(outputs, i);
  }
  forms_->give_back(std::move(stream));
}

Status ModelRunner::warm_up(engine::Execution& execution) const {
  const std::vector<float> blank(least_batch_ * element_count(image_shape_), 0.0F);
  Shape shape = image_shape_;
  shape.insert(shape.begin(), static_cast<std::int64_t>(least_batch_));
  const TensorView input{shape, blank};
  return execution.run(std::span(&input, 1));
}

Status ModelRunner::run_batch(NetworkStream& stream, std::span<std::unique_ptr<scheduler::Job>> batch) const {
  const std::size_t images = std::max(batch.size(), least_batch_);
  Shape shape = image_shape_;
  shape.insert(shape.begin(), static_cast<std::int64_t>(images));
  // A single job's input is read where it lies.
  std::span<const float> data = static_cast<InferenceJob&>(*batch.front()).input();
  if (images > 1) {
    stream.joined.clear();
    for (const auto& job : batch) {
      const auto input = static_cast<InferenceJob&>(*job).input();
      stream.joined.insert(stream.joined.end(), input.begin(), input.end());
    }
    stream.joined.resize(images * element_count(image_shape_), 0.0F);
    data = stream.joined;
  }
  const TensorView input{shape, data};
  return stream.execution->run(std::span(&input, 1));
}

}  // namespace osprey::registry
