#include "registry/worker_pool.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace osprey::registry {
namespace {

TEST(WorkerPool, RunsSoManyTasksAtATime) {
  WorkerPool pool(3);
  std::latch together(3);  // passes only when three run at once
  std::latch done(30);
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  for (int i = 0; i < 30; ++i) {
    pool.submit([&, i] {
      const int now = ++running;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      if (i < 3) together.arrive_and_wait();
      --running;
      done.count_down();
    });
  }
  done.wait();
  EXPECT_EQ(most, 3);
}

TEST(WorkerPool, UsesAThreadThatIsIdle) {
  WorkerPool pool(8);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 5; ++i) {
    std::promise<std::thread::id> ran;
    pool.submit([&] { ran.set_value(std::this_thread::get_id()); });
    threads.insert(ran.get_future().get());
    // The thread is idle a moment after the task has told.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(threads.size(), 1U);
}

TEST(WorkerPool, ForgetsWhatWaitsWhenItStops) {
  WorkerPool pool(1);
  std::promise<void> started;
  std::promise<void> go;
  std::atomic<int> ran{0};
  pool.submit([&] {
    started.set_value();
    go.get_future().wait();
    ++ran;
  });
  pool.submit([&] { ++ran; });
  started.get_future().wait();
  std::jthread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    go.set_value();
  });
  pool.stop();
  EXPECT_EQ(ran, 1) << "the one that ran was waited for, the other forgotten";
  pool.submit([&] { ++ran; });
  pool.stop();
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace osprey::registry
