// Who runs next: lanes of bounded queues, shared by a fixed number of threads.
//
// Invariants: a job that was submitted is either run once or dropped once, never both, never neither; a lane never runs
// more batches at a time than its concurrency (but for those that hang); a batch never waits for more jobs; a lane's
// queue never holds more than its limit; no lock is held while a job runs or is dropped.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace osprey::scheduler {

/// A piece of work for one lane. The scheduler owns it from submit() until it is handed to the runner or dropped.
class Job {
 public:
  virtual ~Job() = default;
  /// Nobody waits for it any more. Asked just before it would run. Thread-safe.
  [[nodiscard]] virtual bool cancelled() const { return false; }
  /// When running it is of no use any more.
  [[nodiscard]] virtual TimePoint deadline() const { return TimePoint::max(); }
  /// It will not run: overloaded (queue full, or too long in it), cancelled, unavailable (the scheduler stopped, or
  /// what the runner said of its lane). Called once at most, and never after run.
  virtual void drop(Error why) noexcept = 0;

 private:
  friend class Lane;
  friend class Scheduler;
  TimePoint submitted_{};
};

/// Runs the jobs of one lane.
class BatchRunner {
 public:
  virtual ~BatchRunner() = default;
  /// Runs 1 to max_batch jobs and finishes each. Called from as many threads at once as concurrency() and the lane's
  /// options allow. `demand`: jobs of all the scheduler's lanes that wait or run, these included: how many share the
  /// cores.
  virtual void run(std::span<std::unique_ptr<Job>> batch, std::size_t demand) noexcept = 0;
  /// Batches that are worth running at a time under this demand; the lane's options bound it. Asked with the
  /// scheduler's lock held: it must neither wait nor call the scheduler.
  [[nodiscard]] virtual std::size_t concurrency(std::size_t /*demand*/) const noexcept {
    return std::numeric_limits<std::size_t>::max();
  }
  /// A batch has run for `time`, too long, and goes on; told once for each. Returns why nothing that waits in the lane
  /// is to run, if that is so. Called by the thread that watches, without a lock.
  [[nodiscard]] virtual std::optional<Error> overdue(Duration /*time*/) noexcept { return std::nullopt; }
  /// A batch that was overdue has ended after all. May come before overdue() has been called for it.
  virtual void came_back() noexcept {}
};

struct LaneOptions {
  std::string name;             ///< for metrics
  std::size_t concurrency = 1;  ///< batches at a time
  std::size_t max_batch = 1;    ///< jobs in a batch; a batch takes what is waiting and never waits for more
  std::size_t max_queue = 256;  ///< jobs waiting; one more is refused at once
  bool finishing = false;       ///< serve this lane before those that are not: it finishes what they have begun
};

/// Counts of a lane, for metrics.
struct LaneStats {
  std::string name;
  std::size_t queued = 0;
  std::size_t running = 0;  ///< batches
  std::size_t jobs_run = 0;
  std::size_t batches_run = 0;
  std::size_t refused = 0;  ///< for lack of room
  std::size_t dropped = 0;  ///< cancelled or expired
  double busy_seconds = 0;  ///< of all batches that have ended
  double wait_seconds = 0;  ///< of all jobs that were begun, from submit()
  /// Of the last seconds (LoadWindow), batches that run counted: the share of all threads' time, 0 to 1.
  double utilization = 0;
  /// Seconds that the jobs that were begun in them had waited, on average; the age of the oldest that waits, if more.
  double recent_wait_seconds = 0;
};

/// How a scheduler's threads are.
struct ThreadStats {
  std::size_t wanted = 0;  ///< that are to serve
  std::size_t alive = 0;   ///< wanted, and those that stand in for hanging ones
  std::size_t stuck = 0;   ///< in a batch that hangs
  /// Share of the last seconds (LoadWindow) in which the wanted ones ran batches, 0 to 1.
  double utilization = 0;
  /// Whether there is one that may serve.
  [[nodiscard]] bool any_free() const { return alive > stuck; }
};

/// A queue of its own within a scheduler. Closing it (or destroying this handle) drops what waits; batches that run end
/// by themselves, and the runner lives until then. Thread-safe. Must not outlive its scheduler.
class Lane {
 public:
  struct State;
  explicit Lane(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Lane(Lane&&) = default;
  Lane& operator=(Lane&&) = delete;
  ~Lane();

  /// Takes a job. Whatever happens, it is run once or dropped once; a refused one is dropped before this returns.
  void submit(std::unique_ptr<Job> job);

  /// As submit(), for the first job of something new. Under overload (overload.hpp) it is refused before the queue is
  /// full, so that what is taken does not wait for long.
  void admit(std::unique_ptr<Job> job);

  /// As submit(), from a job of this scheduler that is about to end: the thread that runs it is free then and takes
  /// what is handed over, warm in its cache, so no other thread is woken.
  void hand_over(std::unique_ptr<Job> job);

  [[nodiscard]] LaneStats stats() const;

 private:
  void take(std::unique_ptr<Job> job, bool wake, bool is_new);
  std::shared_ptr<State> state_;
};

/// Threads that serve lanes: finishing lanes first, then the others, each group in turn, so that a busy lane does not
/// starve another. While as many batches as there are threads wait in finishing lanes, nothing more is begun: what was
/// begun holds memory, and beginning more would not finish anything sooner.
///
/// A batch that runs for longer than `hung_after` is taken for hanging: another thread takes its thread's place (at
/// most twice as many, and at least 8, stand in), until it returns. After a third of that time the others do not
/// wait for its lane any more.
class Scheduler {
 public:
  /// `threads` may be 0: then nothing runs but by run_one(), for deterministic tests.
  Scheduler(std::size_t threads, std::shared_ptr<const Clock> clock, Duration hung_after = Duration::max());
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  [[nodiscard]] Lane add_lane(LaneOptions options, std::unique_ptr<BatchRunner> runner);

  /// Runs one batch on the calling thread, if there is one to run. Returns whether there was.
  bool run_one();

  /// Looks once for batches that hang, and drops what waits in vain: cancelled, or past its deadline. To be called
  /// several times a second, by one thread at a time.
  void check();

  [[nodiscard]] ThreadStats threads() const;

  /// Drops what waits in all lanes, refuses what comes, and joins the threads once their batches have ended.
  /// Idempotent. Not to be called from a job.
  void stop();

  [[nodiscard]] std::vector<LaneStats> stats() const;

 private:
  friend class Lane;
  struct Shared;
  struct Run;
  void serve();
  void start_thread();
  std::shared_ptr<Shared> shared_;
};

}  // namespace osprey::scheduler
