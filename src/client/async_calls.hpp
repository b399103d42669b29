// Calls that nobody waits for: a queue and threads, both bounded. Private to the room.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace osprey::client {

/// Thread-safe. Threads are started when there is work for them. Its end runs what is queued (the calls are cancelled
/// by then, so that it is their cancellation that they report) and joins the threads.
class AsyncCalls {
 public:
  using Work = std::function<void()>;

  AsyncCalls(std::size_t threads, std::size_t max_waiting) : max_threads_(threads), max_waiting_(max_waiting) {}
  ~AsyncCalls();
  AsyncCalls(const AsyncCalls&) = delete;
  AsyncCalls& operator=(const AsyncCalls&) = delete;

  /// Blocks while the queue is full, but on a thread of its own: that one makes room itself.
  void submit(Work work);

 private:
  void run();
  [[nodiscard]] bool on_own_thread() const;  // requires the mutex

  const std::size_t max_threads_;
  const std::size_t max_waiting_;

  std::mutex mutex_;  // guards all below
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<Work> queue_;
  std::size_t sleeping_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace osprey::client
