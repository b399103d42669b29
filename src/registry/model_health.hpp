// Whether a live model is to be trusted: faults in a row take it out, and it is tried again later.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

namespace osprey::registry {

/// A model that is out, as /readiness and /model/registry tell it.
struct OutOfService {
  std::string reason;        ///< of the last fault
  double retry_seconds = 0;  ///< until it is tried again
};

/// The faults of one network in memory. Faults of the model only: an error of the engine, outputs that cannot be read,
/// a run that does not end; never what a client did wrong. Thread-safe; never waits.
///
/// It is out after 3 faults in a row, and after one run that does not end, as that costs a thread. It is tried again
/// after 1 s, then 2 s and so on to 60 s: one request is let through, and its success takes the model in again. After a
/// run that did not end the network is to be loaded anew instead; while three such runs are still going on it stays
/// out.
class ModelHealth {
 public:
  ModelHealth(std::string model_id, std::shared_ptr<const Clock> clock, Log log);

  /// What a request for the model is told.
  struct Admission {
    std::optional<Error> refusal;  ///< unavailable, with the reason; none: it may use the model
    bool repair = false;           ///< the caller is to load the network anew, now
  };
  [[nodiscard]] Admission ask();

  /// Whether nothing is to run. Cheap.
  [[nodiscard]] bool is_out() const noexcept { return state_.load(std::memory_order_relaxed) == State::out; }
  /// What waits for a model that is out is told.
  [[nodiscard]] Error refusal() const;

  void succeeded() noexcept;
  void failed(std::string_view reason) noexcept;
  /// A run has taken `time` and goes on; and: it has ended after all. May be told in either order.
  void hung(Duration time) noexcept;
  void came_back() noexcept;

  /// The load that ask() called for has failed.
  void repair_failed(std::string_view reason) noexcept;
  /// Makes this the health of the network that was loaded in the place of another's: one more fault takes it out.
  void continue_from(const ModelHealth& previous);

  /// None while it is in service. A model that is being tried is out yet.
  [[nodiscard]] std::optional<OutOfService> out() const;
  /// Faults since it was loaded first.
  [[nodiscard]] std::uint64_t failures() const;

 private:
  enum class State { in, out, trying };
  // The private ones require the mutex.
  void take_out();
  [[nodiscard]] double retry_seconds() const;
  [[nodiscard]] Error refusal_text() const;

  const std::string model_id_;
  const std::shared_ptr<const Clock> clock_;
  const Log log_;

  mutable std::mutex mutex_;  // guards what follows; the atomics are read without it
  std::atomic<State> state_{State::in};
  std::atomic<int> in_a_row_{0};
  std::string reason_;
  std::uint64_t failures_ = 0;
  Duration pause_ = Duration::zero();
  TimePoint retry_at_;
  int hung_ = 0;  // runs of this network that go on; -1 for a moment when told in the other order
  bool repairing_ = false;
  std::shared_ptr<std::atomic<int>> all_hung_ = std::make_shared<std::atomic<int>>(0);  // and of those before it
};

}  // namespace osprey::registry
