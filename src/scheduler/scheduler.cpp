#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace osprey::scheduler {

/// A lane's queue and counts. All fields but the constants are guarded by Scheduler::Shared::mutex.
struct Lane::State {
  State(LaneOptions lane_options, std::unique_ptr<BatchRunner> lane_runner, std::shared_ptr<Scheduler::Shared> owner)
      : options(std::move(lane_options)), runner(std::move(lane_runner)), shared(std::move(owner)) {
    counts.name = options.name;
  }

  [[nodiscard]] bool ready(std::size_t demand) const {
    return !queue.empty() && counts.running < options.concurrency && counts.running < runner->concurrency(demand);
  }

  const LaneOptions options;
  const std::unique_ptr<BatchRunner> runner;
  const std::shared_ptr<Scheduler::Shared> shared;
  std::deque<std::unique_ptr<Job>> queue;
  LaneStats counts;
  bool closed = false;
};

struct Scheduler::Shared {
  Shared(std::size_t thread_count, std::shared_ptr<const Clock> the_clock)
      : most_begun(std::max<std::size_t>(1, thread_count)), clock(std::move(the_clock)) {}

  /// The lane to serve next, or null. The chosen one goes to the end of the list, so that lanes take turns.
  std::shared_ptr<Lane::State> next_lane() {
    for (const bool finishing : {true, false}) {
      if (!finishing && !may_begin()) break;
      const auto found = std::find_if(lanes.begin(), lanes.end(), [&](const auto& lane) {
        return lane->options.finishing == finishing && lane->ready(demand);
      });
      if (found != lanes.end()) {
        std::rotate(found, found + 1, lanes.end());
        return lanes.back();
      }
    }
    return nullptr;
  }

  [[nodiscard]] bool any_ready() const {
    return std::any_of(lanes.begin(), lanes.end(), [this](const auto& lane) {
      return lane->ready(demand) && (lane->options.finishing || may_begin());
    });
  }

  /// Whether few enough batches wait to be finished: what is begun holds memory.
  [[nodiscard]] bool may_begin() const {
    std::size_t begun = 0;
    for (const auto& lane : lanes) {
      if (lane->options.finishing) begun += lane->queue.size() / lane->options.max_batch;
    }
    return begun < most_begun;
  }

  const std::size_t most_begun;
  const std::shared_ptr<const Clock> clock;
  mutable std::mutex mutex;
  std::condition_variable work;
  std::vector<std::shared_ptr<Lane::State>> lanes;
  std::vector<std::jthread> threads;
  std::size_t demand = 0;   // jobs that wait or run, in all lanes
  std::size_t running = 0;  // batches, in all lanes
  bool stopped = false;
};

namespace {

struct Dropped {
  std::unique_ptr<Job> job;
  Error why;
};

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
  take(std::move(job), true);
}

void Lane::hand_over(std::unique_ptr<Job> job) {
  take(std::move(job), false);
}

void Lane::take(std::unique_ptr<Job> job, bool wake) {
  Error why;
  {
    const std::lock_guard lock(state_->shared->mutex);
    if (state_->closed || state_->shared->stopped) {
      why = {Code::unavailable, "the server is shutting down"};
    } else if (state_->queue.size() >= state_->options.max_queue) {
      ++state_->counts.refused;
      why = {Code::overloaded, "the server is at capacity; try again later"};
    } else {
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
  LaneStats stats = state_->counts;
  stats.queued = state_->queue.size();
  return stats;
}

Scheduler::Scheduler(std::size_t threads, std::shared_ptr<const Clock> clock)
    : shared_(std::make_shared<Shared>(threads, std::move(clock))) {
  for (std::size_t i = 0; i < threads; ++i) {
    shared_->threads.emplace_back([this, shared = shared_.get()] {
      while (true) {
        if (run_one()) continue;
        std::unique_lock lock(shared->mutex);
        shared->work.wait(lock, [&] { return shared->stopped || shared->any_ready(); });
        if (shared->stopped) return;
      }
    });
  }
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
  std::shared_ptr<Lane::State> lane;
  std::vector<std::unique_ptr<Job>> batch;
  std::vector<Dropped> dropped;
  std::size_t demand = 0;
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->stopped) return false;
    lane = shared_->next_lane();
    if (!lane) return false;
    const TimePoint now = shared_->clock->now();
    while (!lane->queue.empty() && batch.size() < lane->options.max_batch) {
      auto job = std::move(lane->queue.front());
      lane->queue.pop_front();
      if (job->cancelled()) {
        dropped.push_back({std::move(job), {Code::cancelled, "the client has left"}});
      } else if (job->deadline() <= now) {
        dropped.push_back({std::move(job), {Code::deadline_exceeded, "the request waited too long in the queue"}});
      } else {
        batch.push_back(std::move(job));
      }
    }
    lane->counts.dropped += dropped.size();
    shared_->demand -= dropped.size();
    demand = shared_->demand;
    if (!batch.empty()) {
      ++lane->counts.running;
      ++shared_->running;
      ++lane->counts.batches_run;
      lane->counts.jobs_run += batch.size();
    }
    // What was handed over, or became possible by this choice, wakes nobody else.
    if (shared_->any_ready()) shared_->work.notify_one();
  }
  for (auto& [job, why] : dropped) job->drop(std::move(why));
  if (batch.empty()) return true;

  const std::size_t jobs = batch.size();
  lane->runner->run(batch, demand);
  batch.clear();  // jobs end before the lane counts as free: they may hold what the next batch needs
  {
    const std::lock_guard lock(shared_->mutex);
    --lane->counts.running;
    --shared_->running;
    shared_->demand -= jobs;
  }
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
  drop_all(std::move(waiting), "the server is shutting down");
}

std::vector<LaneStats> Scheduler::stats() const {
  const std::lock_guard lock(shared_->mutex);
  std::vector<LaneStats> all;
  for (const auto& lane : shared_->lanes) {
    all.push_back(lane->counts);
    all.back().queued = lane->queue.size();
  }
  return all;
}

}  // namespace osprey::scheduler
