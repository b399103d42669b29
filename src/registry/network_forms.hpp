// The compiled forms of one network: all cores to one run, or a core to each of many, chosen by how many share them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "engine/session.hpp"

namespace osprey::registry {

/// An execution, and the buffer in which inputs of several jobs are joined. Used by one thread at a time.
struct NetworkStream {
  std::unique_ptr<engine::Execution> execution;
  std::vector<float> joined;
  std::size_t form = 0;  ///< the one it belongs to
};

/// Streams that are worth having on this many cores, ascending, 1 first. The steps in between are few, as each form
/// costs memory: {1, 2} on two cores, {1, 2, 4} on four, {1, 4, 16} on sixteen.
[[nodiscard]] std::vector<int> stream_steps(int cores);

/// Lends streams of the form that suits the demand. Starts with one form; each further one is compiled the first time
/// that it is wanted, on a thread of its own, and the forms that are there serve meanwhile. Thread-safe.
///
/// A form that has not been used for many runs of the others lets go of its working memory, tens of megabytes for a
/// YOLOv8n of 640 pixels, and takes it again when it is next used.
///
/// The demand is what requests the scheduler has. It is held for a few runs: a client that sends its next request as
/// soon as it has an answer is away for a moment, and not gone.
class NetworkForms {
 public:
  /// Compiles the network for that many streams. Called from one thread at a time.
  using Compile = std::function<Result<std::shared_ptr<engine::Session>>(int streams)>;
  /// Makes a new stream ready for its first run.
  using WarmUp = std::function<Status(engine::Execution& execution)>;

  /// `first` is the form that all cores serve. `steps`: as stream_steps() gives them; none beyond the first: no other
  /// form is ever compiled. Errors: what the session says, or the first stream's warm-up.
  [[nodiscard]] static Result<std::unique_ptr<NetworkForms>> create(std::shared_ptr<engine::Session> first,
                                                                    std::vector<int> steps, Compile compile,
                                                                    WarmUp warm_up);
  /// Waits for a form that is being compiled.
  ~NetworkForms();

  /// Runs that are worth having at a time under this demand. Never waits.
  [[nodiscard]] std::size_t concurrency(std::size_t demand) const noexcept;

  /// A stream for one run under this demand, of the best form that has one to lend; null when all are lent out.
  [[nodiscard]] std::unique_ptr<NetworkStream> take(std::size_t demand);
  void give_back(std::unique_ptr<NetworkStream> stream);

  /// Forms that are compiled, for tests and metrics.
  [[nodiscard]] std::size_t compiled() const noexcept { return compiled_.load(); }
  /// Waits until nothing is being compiled. For tests.
  void wait_for_compiler();

 private:
  static constexpr std::size_t kMaxForms = 3;
  static constexpr std::size_t kHeldRuns = 8;
  /// Runs of other forms after which a form lets go of its working memory.
  static constexpr std::size_t kUnusedRuns = 32;

  NetworkForms(std::vector<int> steps, Compile compile, WarmUp warm_up);
  [[nodiscard]] Status add_form(std::shared_ptr<engine::Session> session);
  [[nodiscard]] std::size_t wanted_form(std::size_t demand) const noexcept;
  [[nodiscard]] std::size_t note_demand(std::size_t demand);
  void compile_next();
  /// Notes that a run goes to `form`; the others that have long had none let go of their memory. Requires the lock.
  void note_use(std::size_t form);

  const std::vector<int> steps_;
  const WarmUp warm_up_;
  Compile compile_;                       // empty once there is nothing more to compile; the compiling thread's
  std::atomic<std::size_t> compiled_{0};  // forms that may be used: the first so many steps
  std::array<std::atomic<std::size_t>, kMaxForms> streams_{};
  std::atomic<std::size_t> held_demand_{1};

  std::mutex mutex_;  // guards what follows
  std::array<std::vector<std::unique_ptr<NetworkStream>>, kMaxForms> idle_;
  std::array<std::shared_ptr<engine::Session>, kMaxForms> sessions_;
  std::array<std::size_t, kMaxForms> unused_runs_{};
  std::array<std::size_t, kHeldRuns> recent_{};
  std::size_t next_recent_ = 0;
  bool may_compile_ = false;
  std::jthread compiler_;
};

}  // namespace osprey::registry
