#include "registry/network_forms.hpp"

#include <algorithm>
#include <utility>

namespace osprey::registry {

std::vector<int> stream_steps(int cores) {
  if (cores <= 1) return {1};
  if (cores <= 3) return {1, cores};
  return {1, std::max(2, cores / 4), cores};
}

NetworkForms::NetworkForms(std::vector<int> steps, Compile compile, WarmUp warm_up)
    : steps_(std::move(steps)), warm_up_(std::move(warm_up)), compile_(std::move(compile)) {
  may_compile_ = compile_ && steps_.size() > 1;
}

NetworkForms::~NetworkForms() = default;

Result<std::unique_ptr<NetworkForms>> NetworkForms::create(std::shared_ptr<engine::Session> first,
                                                           std::vector<int> steps, Compile compile, WarmUp warm_up) {
  steps.resize(std::min(steps.size(), kMaxForms));
  auto forms =
      std::unique_ptr<NetworkForms>(new NetworkForms(std::move(steps), std::move(compile), std::move(warm_up)));
  if (auto added = forms->add_form(std::move(first)); !added) return std::move(added).error();
  return forms;
}

Status NetworkForms::add_form(std::shared_ptr<engine::Session> session) {
  const std::size_t form = compiled_.load();
  std::vector<std::unique_ptr<NetworkStream>> streams;
  for (int i = 0; i < std::max(1, session->streams()); ++i) {
    auto execution = session->create_execution();
    if (!execution) return std::move(execution).error();
    auto stream = std::make_unique<NetworkStream>();
    stream->execution = std::move(execution).value();
    stream->form = form;
    if (auto warm = warm_up_(*stream->execution); !warm) return warm;
    streams.push_back(std::move(stream));
  }
  const std::lock_guard lock(mutex_);
  streams_[form] = streams.size();
  idle_[form] = std::move(streams);
  sessions_[form] = std::move(session);
  compiled_ = form + 1;
  return {};
}

// The most streams that leave no core idle: with fewer requests than streams, cores would have nothing to do.
std::size_t NetworkForms::wanted_form(std::size_t demand) const noexcept {
  std::size_t form = 0;
  while (form + 1 < steps_.size() && static_cast<std::size_t>(steps_[form + 1]) <= demand) ++form;
  return form;
}

std::size_t NetworkForms::concurrency(std::size_t demand) const noexcept {
  const std::size_t wanted = wanted_form(std::max(demand, held_demand_.load()));
  return streams_[std::min(wanted, compiled_.load() - 1)];
}

std::size_t NetworkForms::note_demand(std::size_t demand) {
  recent_[next_recent_++ % kHeldRuns] = demand;
  const std::size_t held = *std::max_element(recent_.begin(), recent_.end());
  held_demand_ = held;
  return held;
}

std::unique_ptr<NetworkStream> NetworkForms::take(std::size_t demand) {
  const std::lock_guard lock(mutex_);
  const std::size_t wanted = wanted_form(note_demand(demand));
  if (wanted >= compiled_ && may_compile_) {
    may_compile_ = false;
    compiler_ = std::jthread([this] { compile_next(); });
  }
  // Where the best has none to lend, one with fewer cores a run disturbs the others least.
  const std::size_t best = std::min(wanted, compiled_ - 1);
  for (std::size_t i = 0; i < compiled_; ++i) {
    auto& idle = idle_[(best + i) % compiled_];
    if (idle.empty()) continue;
    auto stream = std::move(idle.back());
    idle.pop_back();
    note_use(stream->form);
    return stream;
  }
  return nullptr;
}

void NetworkForms::give_back(std::unique_ptr<NetworkStream> stream) {
  const std::lock_guard lock(mutex_);
  idle_[stream->form].push_back(std::move(stream));
}

// Under the lock, though it takes a moment: a stream that is not to be had meanwhile would fail its request.
void NetworkForms::note_use(std::size_t form) {
  unused_runs_[form] = 0;
  for (std::size_t other = 0; other < compiled_; ++other) {
    if (other == form || unused_runs_[other] > kUnusedRuns || idle_[other].size() < streams_[other]) continue;
    if (++unused_runs_[other] > kUnusedRuns) sessions_[other]->release_memory();
  }
}

void NetworkForms::compile_next() {
  const std::size_t form = compiled_.load();
  Status added;
  if (auto session = compile_(steps_[form]); !session) {
    added = std::move(session).error();
  } else {
    added = add_form(std::move(session).value());
  }
  const bool more = added && compiled_ < steps_.size();
  if (!more) compile_ = nullptr;  // lets go of the network that was read
  const std::lock_guard lock(mutex_);
  may_compile_ = more;
}

void NetworkForms::wait_for_compiler() {
  std::jthread compiler;
  {
    const std::lock_guard lock(mutex_);
    compiler.swap(compiler_);
  }
}

}  // namespace osprey::registry
