// What hangs, and what waits in vain.
#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "scheduler/scheduler_state.hpp"

namespace osprey::scheduler {
namespace {

constexpr std::size_t kLeastStandIns = 8;

}  // namespace

void Scheduler::check() {
  std::vector<std::unique_ptr<Job>> dropped;
  std::vector<std::shared_ptr<Lane::State>> overdue;
  std::vector<std::jthread> retired;
  {
    const std::lock_guard lock(shared_->mutex);
    auto& shared = *shared_;
    if (shared.stopped) return;
    retired.swap(shared.retired);
    const TimePoint now = shared.clock->now();
    for (const auto& lane : shared.lanes) {
      lane->slow = false;
      auto& queue = lane->queue;
      if (std::none_of(queue.begin(), queue.end(), [&](const auto& job) { return is_in_vain(*job, now); })) continue;
      dropped.reserve(dropped.size() + queue.size());  // before a job is taken: from here on nothing can fail
      auto kept = queue.begin();
      for (auto& job : queue) {
        if (is_in_vain(*job, now)) {
          dropped.push_back(std::move(job));
        } else {
          std::swap(*kept++, job);
        }
      }
      const auto count = static_cast<std::size_t>(std::distance(kept, queue.end()));
      queue.erase(kept, queue.end());
      lane->counts.dropped += count;
      shared.demand -= count;
    }
    overdue.reserve(shared.runs.size());
    for (auto* run : shared.runs) {
      const Duration time = now - run->began;
      if (time >= shared.hung_after / 3) run->lane->slow = true;
      if (run->overdue || time < shared.hung_after) continue;
      run->overdue = true;
      ++run->lane->hanging;
      run->lane->undecided = true;
      ++shared.stuck;
      overdue.push_back(run->lane);
    }
    const std::size_t most = shared.wanted + std::max(kLeastStandIns, 2 * shared.wanted);
    while (shared.alive < shared.wanted + shared.stuck && shared.alive < most && shared.wanted > 0) start_thread();
    if (shared.any_ready()) shared.work.notify_all();
  }
  for (auto& job : dropped) job->drop(why_in_vain(*job));
  for (const auto& lane : overdue) {
    const auto why = lane->runner->overdue(shared_->hung_after);
    std::deque<std::unique_ptr<Job>> waiting;
    {
      const std::lock_guard lock(shared_->mutex);
      lane->undecided = false;
      if (why) {
        waiting.swap(lane->queue);
        shared_->demand -= waiting.size();
        lane->counts.dropped += waiting.size();
      } else if (shared_->any_ready()) {
        shared_->work.notify_all();
      }
    }
    for (auto& job : waiting) job->drop(*why);
  }
}

ThreadStats Scheduler::threads() const {
  const std::lock_guard lock(shared_->mutex);
  const double utilization = shared_->utilization(shared_->window, nullptr, shared_->clock->now());
  return {shared_->wanted, shared_->alive, shared_->stuck, utilization};
}

/// Requires the mutex.
void Scheduler::start_thread() {
  shared_->threads.emplace_back([this] { serve(); });
  ++shared_->alive;
}

void Scheduler::serve() {
  auto& shared = *shared_;
  while (true) {
    bool ran = false;
    try {
      ran = run_one();
    } catch (...) {  // no memory for taking a batch; it waits yet
      std::this_thread::yield();
      continue;
    }
    std::unique_lock lock(shared.mutex);
    if (!ran) shared.work.wait(lock, [&] { return shared.stopped || shared.any_ready(); });
    if (shared.stopped) return;
    if (!shared.too_many_threads()) continue;
    const auto self = std::find_if(shared.threads.begin(), shared.threads.end(),
                                   [](const auto& thread) { return thread.get_id() == std::this_thread::get_id(); });
    if (self == shared.threads.end()) return;  // stop() joins it
    shared.retired.push_back(std::move(*self));
    shared.threads.erase(self);
    --shared.alive;
    return;
  }
}

}  // namespace osprey::scheduler
