#include "registry/model_runner.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "registry/output_check.hpp"

namespace osprey::registry {
namespace {

/// Runs `work`; what it throws becomes an Error. Backends catch what they know of, this is the border.
template <typename Work>
Status guarded(Work&& work) noexcept {
  try {
    try {
      return work();
    } catch (const std::exception& e) {
      return Error{Code::internal, std::string("the network failed: ") + e.what()};
    } catch (...) {
      return Error{Code::internal, "the network failed"};
    }
  } catch (...) {  // no memory for saying so
    return Error{Code::internal, {}};
  }
}

bool all_prepared_here(std::span<const std::unique_ptr<scheduler::Job>> batch) {
  return std::all_of(batch.begin(), batch.end(),
                     [](const auto& job) { return static_cast<const InferenceJob&>(*job).prepared_here(); });
}

}  // namespace

ModelRunner::ModelRunner(const engine::Session& session, Shape image_shape)
    : image_shape_(std::move(image_shape)), promised_(session.graph().outputs) {
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
  const auto drop_all = [&](const Error& why) {
    for (auto& job : batch) job->drop(why);
  };
  if (health_ && health_->is_out()) return drop_all(health_->refusal());
  auto stream = forms_->take(demand);
  if (!stream) return drop_all({Code::internal, "more batches at a time than the network has streams"});

  Status outcome = guarded([&] { return run_batch(*stream, batch); });
  if (!outcome) {
    drop_all(outcome.error());
  } else {
    const auto outputs = stream->execution->outputs();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      auto read = static_cast<InferenceJob&>(*batch[i]).complete(outputs, i);
      if (!read) outcome = std::move(read);
    }
  }
  // Of a client's own input a fault says nothing; numbers that came out of it do.
  if (all_prepared_here(batch) || (outcome && check_outputs(stream->execution->outputs(), promised_, batch.size()))) {
    note(outcome);
  }
  forms_->give_back(std::move(stream));
}

void ModelRunner::note(const Status& outcome) const noexcept {
  if (!health_) return;
  if (outcome) {
    health_->succeeded();
  } else {
    health_->failed(outcome.error().message);
  }
}

std::optional<Error> ModelRunner::overdue(Duration time) noexcept {
  if (!health_) return std::nullopt;
  health_->hung(time);
  if (!health_->is_out()) return std::nullopt;
  return health_->refusal();
}

void ModelRunner::came_back() noexcept {
  if (health_) health_->came_back();
}

Status ModelRunner::warm_up(engine::Execution& execution) const {
  return guarded([&] {
    const std::vector<float> blank(least_batch_ * element_count(image_shape_), 0.0F);
    Shape shape = image_shape_;
    shape.insert(shape.begin(), static_cast<std::int64_t>(least_batch_));
    const TensorView input{shape, blank};
    return execution.run(std::span(&input, 1));
  });
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
  auto ran = stream.execution->run(std::span(&input, 1));
  if (!ran) return ran;
  const auto numbers = all_prepared_here(batch) ? Numbers::checked : Numbers::not_checked;
  return check_outputs(stream.execution->outputs(), promised_, batch.size(), numbers);
}

}  // namespace osprey::registry
