// The connections of a client, a bounded number, and calls over them with their retries. Private to the room.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <vector>

#include <osprey/client/options.hpp>
#include <osprey/client/result.hpp>

#include "client/connection.hpp"

namespace osprey::client {

/// Thread-safe. Calls that are under way must have ended before this does.
class Connections {
 public:
  /// `options` must outlive it.
  explicit Connections(const Options& options);

  /// The answer of the last attempt, whatever its status. Waits for a free connection; a call keeps its connection
  /// while it pauses, so that retries never add to the load. Errors: unreachable, timeout, cancelled, bad_answer.
  [[nodiscard]] Result<HttpAnswer> call(const HttpCall& call, const Retries& retries, const std::stop_token& stop);

  /// Ends calls that are under way and all that come; they are cancelled.
  void stop() { stop_.request_stop(); }

 private:
  class Lease;
  [[nodiscard]] std::unique_ptr<Connection> take(TimePoint end, const std::stop_token& stop);
  void give_back(std::unique_ptr<Connection> connection);
  /// Whether the time until then was waited for; no, where `stop` was requested.
  [[nodiscard]] bool wait(std::chrono::milliseconds pause, const std::stop_token& stop);
  [[nodiscard]] Error interrupted(const std::stop_token& stop) const;
  [[nodiscard]] double random_share();

  const Options& options_;
  std::stop_source stop_;

  std::mutex mutex_;  // guards all below
  std::condition_variable_any freed_;
  std::condition_variable_any pausing_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last one used is taken first: its connection is alive
  std::size_t in_use_ = 0;
  std::mt19937 random_;
};

}  // namespace osprey::client
