#include "client/async_calls.hpp"

#include <algorithm>
#include <utility>

namespace osprey::client {

AsyncCalls::~AsyncCalls() {
  std::vector<std::jthread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);  // joined without the mutex, which they need
  }
  work_.notify_all();
  room_.notify_all();
}

void AsyncCalls::submit(Work work) {
  std::unique_lock lock(mutex_);
  if (!on_own_thread()) {
    room_.wait(lock, [this] { return queue_.size() < max_waiting_ || stopping_; });
  }
  queue_.push_back(std::move(work));
  if (sleeping_ < queue_.size() && threads_.size() < max_threads_ && !stopping_) {
    threads_.emplace_back([this] { run(); });
  }
  lock.unlock();
  work_.notify_one();
}

void AsyncCalls::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++sleeping_;
    work_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    --sleeping_;
    if (queue_.empty()) return;
    const Work work = std::exchange(queue_.front(), nullptr);
    queue_.pop_front();
    lock.unlock();
    room_.notify_one();
    work();
    lock.lock();
  }
}

bool AsyncCalls::on_own_thread() const {
  const auto self = std::this_thread::get_id();
  return std::any_of(threads_.begin(), threads_.end(), [&](const auto& thread) { return thread.get_id() == self; });
}

}  // namespace osprey::client
