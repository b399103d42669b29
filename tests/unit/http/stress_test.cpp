#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "running_server.hpp"

namespace osprey::http {
namespace {

using namespace std::chrono_literals;

/// Answers every second request at once and the others on threads of its own, as the server does with models.
class Workers {
 public:
  Workers() {
    for (int i = 0; i < 3; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
  }
  [[nodiscard]] Handler handler() {
    return [this](Request request, Responder respond) {
      ++begun;
      if (request.path == "/now") return echo(std::move(request), std::move(respond));
      const std::lock_guard lock(mutex_);
      jobs_.emplace_back(std::move(request), std::move(respond));
      more_.notify_one();
    };
  }
  std::atomic<int> begun{0};

 private:
  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (more_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      echo(std::move(job.first), std::move(job.second));
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any more_;
  std::deque<std::pair<Request, Responder>> jobs_;
  std::vector<std::jthread> threads_;
};

TEST(Stress, StopUnderLoadLeavesNoHalfAnswers) {
  constexpr int kClients = 16;
  constexpr int kRequests = 200;
  Workers workers;
  ServerOptions options;
  options.io_threads = 2;
  RunningServer server(workers.handler(), options);

  std::atomic<int> answered{0};
  std::atomic<int> half_answers{0};
  {
    std::vector<std::jthread> clients;
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&, c] {
        auto client = std::make_unique<RawClient>(server.port());
        for (int i = 0; i < kRequests && client->connected(); ++i) {
          const auto body = std::to_string(c) + "-" + std::to_string(i);
          const std::string path = i % 2 == 0 ? "/now" : "/later";
          if (!client->send(post(path, body))) return;
          const auto reply = client->read();
          if (!reply) {
            if (!client->unread().empty() || client->ending() == Ending::still_open) ++half_answers;
            return;
          }
          if (reply->status != 200 || reply->body != "POST " + path + " " + body) ++half_answers;
          ++answered;
          if (reply->header("Connection") == "close") {
            client = std::make_unique<RawClient>(server.port());
          } else if (i % 50 == 49) {
            client = std::make_unique<RawClient>(server.port());  // connections come and go as well
          }
        }
      });
    }
    EXPECT_TRUE(eventually([&] { return answered > kClients * kRequests / 2; }));
    server.stop();
  }
  EXPECT_EQ(server.given_up(), 0U);
  EXPECT_EQ(half_answers, 0);
  EXPECT_EQ(answered, workers.begun);
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace
}  // namespace osprey::http
