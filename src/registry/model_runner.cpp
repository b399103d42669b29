#include "registry/model_runner.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace osprey::registry {

/// An execution, and the buffer in which inputs of several jobs are joined.
struct ModelRunner::Stream {
  std::unique_ptr<engine::Execution> execution;
  std::vector<float> joined;
};

struct ModelRunner::Idle {
  std::mutex mutex;
  std::vector<std::unique_ptr<Stream>> streams;
};

ModelRunner::ModelRunner(std::shared_ptr<engine::Session> session, Shape image_shape)
    : session_(std::move(session)), image_shape_(std::move(image_shape)), idle_(std::make_unique<Idle>()) {
  const auto& inputs = session_->graph().inputs;
  if (!inputs.empty() && !inputs.front().shape.empty() && inputs.front().shape.front() > 1) {
    least_batch_ = static_cast<std::size_t>(inputs.front().shape.front());
  }
}

ModelRunner::~ModelRunner() = default;

Result<std::unique_ptr<ModelRunner>> ModelRunner::create(std::shared_ptr<engine::Session> session, Shape image_shape) {
  auto runner = std::unique_ptr<ModelRunner>(new ModelRunner(std::move(session), std::move(image_shape)));
  for (int i = 0; i < runner->session_->streams(); ++i) {
    auto execution = runner->session_->create_execution();
    if (!execution) return std::move(execution).error();
    auto stream = std::make_unique<Stream>();
    stream->execution = std::move(execution).value();
    runner->idle_->streams.push_back(std::move(stream));
  }
  return runner;
}

void ModelRunner::run(std::span<std::unique_ptr<scheduler::Job>> batch) noexcept {
  auto stream = take_stream();
  if (!stream) {
    for (auto& job : batch) job->drop({Code::internal, "more batches at a time than the network has streams"});
    return;
  }
  for (auto& job : batch) static_cast<InferenceJob&>(*job).begin();
  if (auto ran = run_batch(*stream, batch); !ran) {
    for (auto& job : batch) job->drop(ran.error());
  } else {
    const auto outputs = stream->execution->outputs();
    for (std::size_t i = 0; i < batch.size(); ++i) static_cast<InferenceJob&>(*batch[i]).complete(outputs, i);
  }
  give_back(std::move(stream));
}

Status ModelRunner::warm_up() {
  auto stream = take_stream();
  const std::vector<float> blank(least_batch_ * element_count(image_shape_), 0.0F);
  Shape shape = image_shape_;
  shape.insert(shape.begin(), static_cast<std::int64_t>(least_batch_));
  const TensorView input{shape, blank};
  auto ran = stream->execution->run(std::span(&input, 1));
  give_back(std::move(stream));
  return ran;
}

Status ModelRunner::run_batch(Stream& stream, std::span<std::unique_ptr<scheduler::Job>> batch) {
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

std::unique_ptr<ModelRunner::Stream> ModelRunner::take_stream() {
  const std::lock_guard lock(idle_->mutex);
  if (idle_->streams.empty()) return nullptr;
  auto stream = std::move(idle_->streams.back());
  idle_->streams.pop_back();
  return stream;
}

void ModelRunner::give_back(std::unique_ptr<Stream> stream) {
  const std::lock_guard lock(idle_->mutex);
  idle_->streams.push_back(std::move(stream));
}

}  // namespace osprey::registry
