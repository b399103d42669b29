#include "quantization/compared_network.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "vision/preprocess.hpp"

namespace osprey::quantization {
namespace {

using Clock = std::chrono::steady_clock;

vision::DecodeOptions options_for(vision::Task task) {
  vision::DecodeOptions options;
  if (task == vision::Task::classification) options.confidence.value = 0;
  return options;
}

}  // namespace

Result<ComparedNetwork> ComparedNetwork::open(const std::filesystem::path& folder, engine::Engine& engine) {
  auto opened = registry::open_package(folder, engine);
  if (!opened) return std::move(opened).error();
  ComparedNetwork network;
  network.package_ = std::move(opened->package);
  network.family_ = std::move(opened->family);
  network.graph_ = std::move(opened->graph);
  network.cores_ = std::max(1, engine.info().threads);
  auto session = network.compile(1);
  if (!session) return std::move(session).error();
  auto started = network.start(std::move(session).value());
  if (!started) {
    network.elsewhere_ = true;
    network.refusal_ = started.error();
    auto other = network.compile(1);
    if (!other) return std::move(other).error();
    started = network.start(std::move(other).value());
  }
  if (!started) return started.error();
  return network;
}

Result<std::shared_ptr<engine::Session>> ComparedNetwork::compile(int streams) {
  engine::CompileOptions options;
  options.input_height_width = std::pair(package_.preprocess.network.height, package_.preprocess.network.width);
  options.batch = 1;
  options.streams = streams;
  return elsewhere_ ? graph_->compile_elsewhere(options, refusal_) : graph_->compile(options);
}

Status ComparedNetwork::start(std::shared_ptr<engine::Session> session) {
  const auto& inputs = session->graph().inputs;
  const bool fixed = !inputs.empty() && !inputs.front().shape.empty() && inputs.front().shape.front() > 1;
  const auto& size = package_.preprocess.network;
  shape_ = {fixed ? inputs.front().shape.front() : 1, 3, size.height, size.width};
  auto execution = session->create_execution();
  if (!execution) return std::move(execution).error();
  const std::vector<float> blank(element_count(shape_), 0.0F);
  const TensorView input{shape_, blank};
  if (auto done = (*execution)->run(std::span(&input, 1)); !done) return done;
  session_ = std::move(session);
  execution_ = std::move(execution).value();
  return {};
}

Result<std::vector<float>> ComparedNetwork::prepare(const image::ImageView& picture) const {
  const auto& plan = package_.preprocess;
  std::vector<float> tensor(element_count(Shape{3, plan.network.height, plan.network.width}));
  if (auto geometry = vision::preprocess(picture, plan, {}, tensor); !geometry) return std::move(geometry).error();
  return tensor;
}

std::vector<float> ComparedNetwork::filled(std::span<const float> tensor) const {
  std::vector<float> batch(element_count(shape_), 0.0F);
  std::copy(tensor.begin(), tensor.end(), batch.begin());
  return batch;
}

Result<vision::Prediction> ComparedNetwork::predict(const image::ImageView& picture) {
  std::vector<float> batch(element_count(shape_), 0.0F);
  const auto& plan = package_.preprocess;
  const std::span<float> first(batch.data(), element_count(Shape{3, plan.network.height, plan.network.width}));
  const auto geometry = vision::preprocess(picture, plan, {}, first);
  if (!geometry) return geometry.error();
  const TensorView input{shape_, batch};
  if (auto done = execution_->run(std::span(&input, 1)); !done) return std::move(done).error();
  return family_->decode(execution_->outputs(), 0, *geometry, options_for(package_.family.task));
}

Result<double> ComparedNetwork::throughput(std::span<const float> tensor, std::chrono::milliseconds time) {
  if (streams_.empty()) {
    auto session = compile(cores_);
    if (!session) return std::move(session).error();
    for (int i = 0; i < cores_; ++i) {
      auto execution = (*session)->create_execution();
      if (!execution) return std::move(execution).error();
      streams_.push_back(std::move(execution).value());
    }
  }
  const auto batch = filled(tensor);
  const TensorView input{shape_, batch};
  std::atomic<std::size_t> runs = 0;
  std::vector<std::optional<Error>> failures(streams_.size());
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      threads.emplace_back([&, i] {
        do {
          if (auto done = streams_[i]->run(std::span(&input, 1)); !done) {
            failures[i] = done.error();
            return;
          }
          ++runs;
        } while (Clock::now() - begin < time);
      });
    }
  }
  for (auto& failure : failures) {
    if (failure) return std::move(*failure);
  }
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  return static_cast<double>(runs * static_cast<std::size_t>(shape_[0])) / seconds.count();
}

}  // namespace osprey::quantization
