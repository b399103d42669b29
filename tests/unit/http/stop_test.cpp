#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "running_server.hpp"

namespace osprey::http {
namespace {

using namespace std::chrono_literals;

ServerOptions draining_within(std::chrono::milliseconds time) {
  ServerOptions options;
  options.limits.drain_time = time;
  return options;
}

/// Keeps the Responders of all requests.
struct Held {
  std::mutex mutex;
  std::vector<Responder> responders;

  [[nodiscard]] Handler handler() {
    return [this](Request, Responder respond) {
      const std::lock_guard lock(mutex);
      responders.push_back(std::move(respond));
    };
  }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(mutex);
    return responders.size();
  }
  void answer_all() {
    const std::lock_guard lock(mutex);
    for (auto& respond : responders) respond(Response{});
    responders.clear();
  }
};

TEST(Stop, AnswersTheRequestInFlightThenRunReturnsZero) {
  Held held;
  RunningServer server(held.handler());
  auto client = server.connect();
  client.send(get("/a"));
  ASSERT_TRUE(eventually([&] { return held.count() == 1; }));
  server.stop();
  EXPECT_FALSE(server.has_ended_within(100ms));
  held.answer_all();
  const auto reply = client.read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->header("Connection"), "close");
  EXPECT_EQ(server.given_up(), 0U);
  EXPECT_EQ(client.ending(), Ending::closed);
}

TEST(Stop, AnswersThoseThatHadConnectedButWereNotAcceptedYet) {
  std::promise<void> busy;
  std::promise<void> go_on;
  RunningServer server([&, first = true](Request request, Responder respond) mutable {
    if (std::exchange(first, false)) {  // holds the only I/O thread, which accepts, too
      busy.set_value();
      go_on.get_future().wait();
    }
    echo(std::move(request), std::move(respond));
  });
  auto holder = server.connect();
  holder.send(get("/holder"));
  busy.get_future().wait();
  std::vector<RawClient> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(server.connect());
    ASSERT_TRUE(clients.back().send(get("/a")));
  }
  server.stop();
  go_on.set_value();
  for (auto& client : clients) {
    const auto reply = client.read();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "GET /a");
  }
  EXPECT_EQ(server.given_up(), 0U);
}

TEST(Stop, LetsARequestThatWasBegunBeSentWhole) {
  RunningServer server(echo);
  auto header = server.connect();
  auto body = server.connect();
  header.send("GET /a HT");
  body.send("POST /b HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhe");
  std::this_thread::sleep_for(50ms);
  server.stop();
  EXPECT_FALSE(server.has_ended_within(50ms));
  EXPECT_EQ(header.ask("TP/1.1\r\nHost: t\r\n\r\n")->body, "GET /a");
  EXPECT_EQ(body.ask("llo")->body, "POST /b hello");
  EXPECT_EQ(server.given_up(), 0U);
}

TEST(Stop, ClosesIdleConnectionsAtOnce) {
  RunningServer server(echo);
  auto silent = server.connect();
  auto used = server.connect();
  EXPECT_EQ(used.ask(get("/a"))->status, 200);
  ASSERT_TRUE(eventually([&] { return server.connections() == 2; }));
  server.stop();
  EXPECT_TRUE(server.has_ended_within(2s));
  EXPECT_EQ(silent.ending(), Ending::closed);
  EXPECT_EQ(used.ending(), Ending::closed);
  EXPECT_EQ(used.unread(), "");
  EXPECT_EQ(server.given_up(), 0U);
}

TEST(Stop, DoesNotWaitForPeersThatLingerAfterAnError) {
  RunningServer server(echo);
  auto client = server.connect();
  EXPECT_EQ(client.ask("BAD\r\n\r\n")->status, 400);
  server.stop();
  EXPECT_TRUE(server.has_ended_within(1s));
}

TEST(Stop, DoesNotWaitForPeersThatGoOnSendingAfterAnError) {
  RunningServer server(echo);
  auto client = server.connect();
  EXPECT_EQ(client.ask("BAD\r\n\r\n")->status, 400);
  std::jthread flood([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && client.send("more")) std::this_thread::sleep_for(1ms);
  });
  std::this_thread::sleep_for(50ms);
  server.stop();
  EXPECT_TRUE(server.has_ended_within(1500ms));
}

TEST(Stop, AcceptsNobodyAfterwards) {
  RunningServer server(echo);
  server.stop();
  EXPECT_EQ(server.given_up(), 0U);
  EXPECT_FALSE(server.connect().connected());
}

TEST(Stop, CountsWhatItGivesUpWhenDrainTimeHasPassed) {
  Held held;
  RunningServer server(held.handler(), draining_within(100ms));
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.connect());
    clients.back().send(get("/a"));
  }
  auto half = server.connect();
  half.send("GET /a HT");
  auto idle = server.connect();
  ASSERT_TRUE(eventually([&] { return held.count() == 3 && server.connections() == 5; }));
  std::this_thread::sleep_for(50ms);
  server.stop();
  EXPECT_EQ(server.given_up(), 4U);
  for (auto& client : clients) EXPECT_NE(client.ending(), Ending::still_open);
  held.answer_all();
}

TEST(Stop, CancelsTheRequestsThatItGivesUp) {
  std::optional<Responder> kept;
  CancelToken cancel;
  std::atomic<bool> handled{false};
  RunningServer server(
      [&](Request request, Responder respond) {
        cancel = request.cancel;
        kept.emplace(std::move(respond));
        handled = true;
      },
      draining_within(50ms));
  auto client = server.connect();
  client.send(get("/a"));
  ASSERT_TRUE(eventually([&] { return handled.load(); }));
  server.stop();
  EXPECT_EQ(server.given_up(), 1U);
  EXPECT_TRUE(cancel.cancelled());
}

TEST(Stop, BeforeRunMakesItReturnAtOnce) {
  ServerOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.io_threads = 2;
  auto server = Server::create(options, echo, make_null_log());
  ASSERT_TRUE(server);
  server.value()->stop();
  server.value()->stop();
  EXPECT_EQ(server.value()->run(), 0U);
}

TEST(Stop, IsNotNeededForAServerThatNeverRan) {
  ServerOptions options;
  options.port = 0;
  EXPECT_TRUE(Server::create(options, echo, make_null_log()));
}

}  // namespace
}  // namespace osprey::http
