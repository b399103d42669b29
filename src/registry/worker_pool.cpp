#include "registry/worker_pool.hpp"

#include <utility>

namespace osprey::registry {

void WorkerPool::submit(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  tasks_.push_back(std::move(task));
  if (tasks_.size() > idle_ && threads_.size() < max_threads_) {
    threads_.emplace_back([this] { work(); });
  } else {
    wake_.notify_one();
  }
}

void WorkerPool::stop() {
  std::vector<std::jthread> threads;
  std::deque<std::function<void()>> forgotten;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    threads.swap(threads_);
    forgotten.swap(tasks_);
    wake_.notify_all();
  }
  threads.clear();  // joins
}

void WorkerPool::work() {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      wake_.wait(lock, [&] { return stopped_ || !tasks_.empty(); });
      --idle_;
      if (stopped_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    try {
      task();
    } catch (...) {  // a task's own border has failed, for lack of memory; the others go on
    }
  }
}

}  // namespace osprey::registry
