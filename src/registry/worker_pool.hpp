// Threads for work that blocks, made when there is work for them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace osprey::registry {

/// Runs tasks in the order in which they were given, `max_threads` at a time. A thread is started when a task finds
/// none idle, and then stays. The queue is bounded by its users. Thread-safe.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t max_threads) : max_threads_(max_threads) {}
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Does nothing after stop(). A task answers for its faults itself: what it throws is let go.
  void submit(std::function<void()> task);

  /// Forgets the tasks that wait, and joins those that run. Idempotent. Not to be called from a task.
  void stop();

 private:
  void work();

  const std::size_t max_threads_;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::jthread> threads_;
  std::size_t idle_ = 0;
  bool stopped_ = false;
};

}  // namespace osprey::registry
