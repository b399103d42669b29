// The scheduler's insides, shared by scheduler.cpp (what runs) and scheduler_watch.cpp (what hangs or waits in vain).
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "scheduler/load_window.hpp"
#include "scheduler/overload.hpp"
#include "scheduler/scheduler.hpp"

namespace osprey::scheduler {

/// Whether nobody wants a waiting job any more.
[[nodiscard]] inline bool is_in_vain(const Job& job, TimePoint now) {
  return job.cancelled() || job.deadline() <= now;
}

/// What such a job is told.
[[nodiscard]] inline Error why_in_vain(const Job& job) {
  if (job.cancelled()) return {Code::cancelled, "the client has left"};
  return {Code::overloaded, "the request waited too long in the queue"};
}

/// A lane's queue and counts. All fields but the constants are guarded by Scheduler::Shared::mutex.
struct Lane::State {
  State(LaneOptions lane_options, std::unique_ptr<BatchRunner> lane_runner, std::shared_ptr<Scheduler::Shared> owner)
      : options(std::move(lane_options)),
        runner(std::move(lane_runner)),
        shared(std::move(owner)),
        overload(options.max_queue) {
    counts.name = options.name;
  }

  /// What hangs has its place taken by others; whether they find what they need is the runner's to say.
  [[nodiscard]] bool ready(std::size_t demand) const {
    return !queue.empty() && !undecided && counts.running - hanging < options.concurrency &&
           counts.running < runner->concurrency(demand);
  }

  const LaneOptions options;
  const std::unique_ptr<BatchRunner> runner;
  const std::shared_ptr<Scheduler::Shared> shared;
  std::deque<std::unique_ptr<Job>> queue;
  Overload overload;
  LoadWindow window;
  LaneStats counts;
  std::size_t hanging = 0;  // of the running batches
  bool slow = false;        // a batch may be about to hang: nobody else is to wait for this lane
  bool undecided = false;   // a batch hangs, and the runner has yet to say what becomes of those that wait
  bool closed = false;
};

/// A batch that runs; on the stack of its thread.
struct Scheduler::Run {
  std::shared_ptr<Lane::State> lane;
  TimePoint began;
  bool overdue = false;
};

struct Scheduler::Shared {
  Shared(std::size_t thread_count, std::shared_ptr<const Clock> the_clock, Duration the_hung_after)
      : most_begun(std::max<std::size_t>(1, thread_count)),
        wanted(thread_count),
        hung_after(the_hung_after),
        clock(std::move(the_clock)) {}

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
      if (lane->options.finishing && !lane->slow) begun += lane->queue.size() / lane->options.max_batch;
    }
    return begun < most_begun;
  }

  /// Jobs that may wait in a lane. In a slow one no more than may be begun, as the others do not wait for it.
  [[nodiscard]] std::size_t room(const Lane::State& lane) const {
    if (!lane.slow || !lane.options.finishing) return lane.options.max_queue;
    return std::min(lane.options.max_queue, most_begun * lane.options.max_batch);
  }

  /// The share of all threads' time that `past` says, and what runs in `lane` (null: in any) takes.
  [[nodiscard]] double utilization(const LoadWindow& past, const Lane::State* lane, TimePoint now) const;
  [[nodiscard]] LaneStats stats_of(const Lane::State& lane, TimePoint now) const;

  /// Whether a thread that stands in for another is not needed any more.
  [[nodiscard]] bool too_many_threads() const { return alive - stuck > wanted; }

  const std::size_t most_begun;
  const std::size_t wanted;  // threads
  const Duration hung_after;
  const std::shared_ptr<const Clock> clock;
  mutable std::mutex mutex;
  std::condition_variable work;
  std::vector<std::shared_ptr<Lane::State>> lanes;
  std::vector<Run*> runs;
  std::vector<std::jthread> threads;
  std::vector<std::jthread> retired;  // that have ended, or are about to
  std::size_t alive = 0;              // threads that have not retired
  std::size_t stuck = 0;              // of these
  std::size_t demand = 0;             // jobs that wait or run, in all lanes
  std::size_t running = 0;            // batches, in all lanes
  LoadWindow window;                  // all lanes, those that are closed too
  bool stopped = false;
};

}  // namespace osprey::scheduler
