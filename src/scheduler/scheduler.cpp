#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "scheduler/scheduler_state.hpp"

namespace osprey::scheduler {

namespace {

void drop_all(std::deque<std::unique_ptr<Job>> jobs, const char* why) {
  for (auto& job : jobs) job->drop(Error{Code::unavailable, why});
}

}  // namespace

Lane::~Lane() {
  if (!state_) return;
  std::deque<std::unique_ptr<Job>> waiting;
  {
    const std::lock_guard lock(state_->shared->mutex);
    state_->closed = true;
    waiting.swap(state_->queue);
    state_->shared->demand -= waiting.size();
    std::erase(state_->shared->lanes, state_);
  }
  drop_all(std::move(waiting), "the model was unloaded");
}

void Lane::submit(std::unique_ptr<Job> job) {
  take(std::move(job), true, false);
}

void Lane::admit(std::unique_ptr<Job> job) {
  take(std::move(job), true, true);
}

void Lane::hand_over(std::unique_ptr<Job> job) {
  take(std::move(job), false, false);
}

void Lane::take(std::unique_ptr<Job> job, bool wake, bool is_new) {
  Error why;
  {
    const std::lock_guard lock(state_->shared->mutex);
    const TimePoint now = state_->shared->clock->now();
    if (state_->closed || state_->shared->stopped) {
      why = {Code::unavailable, "the server is shutting down"};
    } else if (is_new ? !state_->overload.takes(state_->queue.size(), now)
                      : state_->queue.size() >= state_->shared->room(*state_)) {
      ++state_->counts.refused;
      why = {Code::overloaded, "the server is at capacity; try again later"};
    } else {
      job->submitted_ = now;
      state_->queue.push_back(std::move(job));
      ++state_->shared->demand;
      // A waiting thread may serve any lane, so one is enough.
      if (wake || state_->shared->running == 0) state_->shared->work.notify_one();
      return;
    }
  }
  job->drop(std::move(why));
}

LaneStats Lane::stats() const {
  const std::lock_guard lock(state_->shared->mutex);
  return state_->shared->stats_of(*state_, state_->shared->clock->now());
}

Scheduler::Scheduler(std::size_t threads, std::shared_ptr<const Clock> clock, Duration hung_after)
    : shared_(std::make_shared<Shared>(threads, std::move(clock), hung_after)) {
  const std::lock_guard lock(shared_->mutex);
  for (std::size_t i = 0; i < threads; ++i) start_thread();
}

Scheduler::~Scheduler() {
  stop();
}

Lane Scheduler::add_lane(LaneOptions options, std::unique_ptr<BatchRunner> runner) {
  auto state = std::make_shared<Lane::State>(std::move(options), std::move(runner), shared_);
  const std::lock_guard lock(shared_->mutex);
  shared_->lanes.push_back(state);
  return Lane(std::move(state));
}

bool Scheduler::run_one() {
  Run run;
  auto& lane = run.lane;
  std::vector<std::unique_ptr<Job>> batch;
  std::vector<std::unique_ptr<Job>> dropped;
  std::size_t demand = 0;
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->stopped) return false;
    lane = shared_->next_lane();
    if (!lane) return false;
    const TimePoint now = shared_->clock->now();
    // Before a job is taken: what cannot be noted must not be lost.
    batch.reserve(std::min(lane->options.max_batch, lane->queue.size()));
    shared_->runs.reserve(shared_->runs.size() + 1);
    while (!lane->queue.empty() && batch.size() < lane->options.max_batch) {
      auto& job = lane->queue.front();
      (is_in_vain(*job, now) ? dropped : batch).push_back(std::move(job));
      lane->queue.pop_front();
    }
    lane->counts.dropped += dropped.size();
    shared_->demand -= dropped.size();
    demand = shared_->demand;
    if (!batch.empty()) {
      run.began = now;
      shared_->runs.push_back(&run);
      ++lane->counts.running;
      ++shared_->running;
      ++lane->counts.batches_run;
      lane->counts.jobs_run += batch.size();
      lane->overload.begun(batch.size(), now);
      for (const auto& job : batch) {
        lane->window.begun(now - job->submitted_, now);
        lane->counts.wait_seconds += seconds_between(job->submitted_, now);
      }
    }
    // What was handed over, or became possible by this choice, wakes nobody else.
    if (shared_->any_ready()) shared_->work.notify_one();
  }
  for (auto& job : dropped) job->drop(why_in_vain(*job));
  if (batch.empty()) return true;

  const std::size_t jobs = batch.size();
  lane->runner->run(batch, demand);
  batch.clear();  // jobs end before the lane counts as free: they may hold what the next batch needs
  {
    const std::lock_guard lock(shared_->mutex);
    std::erase(shared_->runs, &run);
    const TimePoint now = shared_->clock->now();
    lane->window.ran(run.began, now);
    shared_->window.ran(run.began, now);
    lane->counts.busy_seconds += seconds_between(run.began, now);
    --lane->counts.running;
    --shared_->running;
    shared_->demand -= jobs;
    if (run.overdue) {
      --lane->hanging;
      --shared_->stuck;
    }
  }
  if (run.overdue) lane->runner->came_back();
  return true;
}

void Scheduler::stop() {
  std::vector<std::jthread> threads;
  std::deque<std::unique_ptr<Job>> waiting;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopped = true;
    threads.swap(shared_->threads);
    for (const auto& lane : shared_->lanes) {
      std::move(lane->queue.begin(), lane->queue.end(), std::back_inserter(waiting));
      lane->queue.clear();
    }
    shared_->demand -= waiting.size();
    shared_->work.notify_all();
  }
  threads.clear();  // joins
  {
    const std::lock_guard lock(shared_->mutex);
    threads.swap(shared_->retired);
  }
  threads.clear();
  drop_all(std::move(waiting), "the server is shutting down");
}

std::vector<LaneStats> Scheduler::stats() const {
  const std::lock_guard lock(shared_->mutex);
  const TimePoint now = shared_->clock->now();
  std::vector<LaneStats> all;
  for (const auto& lane : shared_->lanes) all.push_back(shared_->stats_of(*lane, now));
  return all;
}

double Scheduler::Shared::utilization(const LoadWindow& past, const Lane::State* lane, TimePoint now) const {
  const TimePoint start = LoadWindow::start(now);
  Duration busy = past.sums(now).busy;
  for (const auto* run : runs) {
    if (lane == nullptr || run->lane.get() == lane) busy += now - std::max(run->began, start);
  }
  const double whole = seconds_between(start, now) * static_cast<double>(most_begun);
  // Threads that stand in for hanging ones would add up to more.
  return std::min(1.0, std::chrono::duration<double>(busy).count() / whole);
}

LaneStats Scheduler::Shared::stats_of(const Lane::State& lane, TimePoint now) const {
  LaneStats stats = lane.counts;
  stats.queued = lane.queue.size();
  stats.utilization = utilization(lane.window, &lane, now);
  const auto recent = lane.window.sums(now);
  if (recent.jobs > 0) {
    stats.recent_wait_seconds = std::chrono::duration<double>(recent.waited).count() / static_cast<double>(recent.jobs);
  }
  if (!lane.queue.empty()) {
    stats.recent_wait_seconds =
        std::max(stats.recent_wait_seconds, seconds_between(lane.queue.front()->submitted_, now));
  }
  return stats;
}

}  // namespace osprey::scheduler
