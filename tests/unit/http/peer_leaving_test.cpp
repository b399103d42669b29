#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "running_server.hpp"

namespace osprey::http {
namespace {

using namespace std::chrono_literals;

/// A handler that keeps requests until the test answers them.
class Shelf {
 public:
  [[nodiscard]] Handler handler() {
    return [this](Request request, Responder respond) {
      const std::lock_guard lock(mutex_);
      cancel_ = request.cancel;
      respond_.emplace(std::move(respond));
      request_ = std::move(request);
    };
  }
  [[nodiscard]] bool holds_one() {
    const std::lock_guard lock(mutex_);
    return respond_.has_value();
  }
  [[nodiscard]] bool cancelled() {
    const std::lock_guard lock(mutex_);
    return cancel_.cancelled();
  }
  void answer() {
    std::optional<Responder> respond;
    Request request;
    {
      const std::lock_guard lock(mutex_);
      respond.emplace(std::move(*respond_));
      respond_.reset();
      request = std::move(request_);
    }
    echo(std::move(request), std::move(*respond));
  }

 private:
  std::mutex mutex_;
  std::optional<Responder> respond_;
  Request request_;
  CancelToken cancel_;
};

TEST(PeerLeaving, CancelsTheRequest) {
  Shelf shelf;
  RunningServer server(shelf.handler());
  {
    auto client = server.connect();
    client.send(post("/a", "body"));
    ASSERT_TRUE(eventually([&] { return shelf.holds_one(); }));
    EXPECT_FALSE(shelf.cancelled());
  }
  EXPECT_TRUE(eventually([&] { return shelf.cancelled(); }));
  shelf.answer();
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(PeerLeaving, CancelsTheRequestWhenItResets) {
  Shelf shelf;
  RunningServer server(shelf.handler());
  auto client = server.connect();
  client.send(get("/a"));
  ASSERT_TRUE(eventually([&] { return shelf.holds_one(); }));
  client.abort();
  EXPECT_TRUE(eventually([&] { return shelf.cancelled(); }));
  shelf.answer();
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(PeerLeaving, IsSeenBehindPipelinedRequests) {
  Shelf shelf;
  RunningServer server(shelf.handler());
  {
    auto client = server.connect();
    client.send(get("/a") + get("/b") + get("/c"));
    ASSERT_TRUE(eventually([&] { return shelf.holds_one(); }));
    client.send(get("/d"));
    std::this_thread::sleep_for(20ms);
    EXPECT_FALSE(shelf.cancelled());
  }
  EXPECT_TRUE(eventually([&] { return shelf.cancelled(); }));
  shelf.answer();
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
  EXPECT_FALSE(shelf.holds_one()) << "a request that nobody waits for was worked on";
}

TEST(PeerLeaving, WatchingDoesNotSwallowPipelinedRequests) {
  Shelf shelf;
  RunningServer server(shelf.handler());
  auto client = server.connect();
  client.send(get("/1"));
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(eventually([&] { return shelf.holds_one(); }));
    if (i < 5) {
      const auto next = get("/" + std::to_string(i + 1));
      client.send(next.substr(0, 10));
      std::this_thread::sleep_for(5ms);
      client.send(next.substr(10));
      std::this_thread::sleep_for(5ms);
    }
    EXPECT_FALSE(shelf.cancelled());
    shelf.answer();
    const auto reply = client.read();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "GET /" + std::to_string(i));
  }
}

TEST(PeerLeaving, AnswersAPeerThatOnlyStoppedSending) {
  Shelf shelf;
  RunningServer server(shelf.handler());
  auto client = server.connect();
  client.send(get("/a"));
  client.finish_sending();
  ASSERT_TRUE(eventually([&] { return shelf.holds_one(); }));
  EXPECT_TRUE(eventually([&] { return shelf.cancelled(); }));
  shelf.answer();
  EXPECT_EQ(client.read()->body, "GET /a");
  EXPECT_EQ(client.ending(), Ending::closed);
}

TEST(PeerLeaving, HoldsNoMoreOfAFloodThanABuffer) {
  Shelf shelf;
  RunningServer server(shelf.handler());
  auto client = server.connect();
  client.send(post("/a", "body"));
  ASSERT_TRUE(eventually([&] { return shelf.holds_one(); }));
  std::atomic<std::size_t> sent{0};
  constexpr std::size_t kFlood = std::size_t{200} << 20;
  std::jthread flood([&] {
    const std::string piece(1 << 20, '\n');
    while (sent < kFlood && client.send(piece)) sent += piece.size();
  });
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(sent, kFlood);
  shelf.answer();
  EXPECT_EQ(client.read()->status, 200);
}

TEST(PeerLeaving, InTheMiddleOfARequestReachesNoHandler) {
  const RunningServer server([](Request, Responder) { FAIL() << "half a request was handled"; });
  for (const char* part : {"GET /a HT", "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhel",
                           "POST /a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    auto client = server.connect();
    client.send(part);
    client.finish_sending();
    EXPECT_EQ(client.ending(), Ending::closed);
    EXPECT_EQ(client.unread(), "");
  }
}

TEST(LateAnswer, AfterTheServerIsGoneDoesNothing) {
  std::optional<Responder> kept;
  {
    ServerOptions options;
    options.limits.drain_time = 50ms;
    std::atomic<bool> handled{false};
    RunningServer server(
        [&](Request, Responder respond) {
          kept.emplace(std::move(respond));
          handled = true;
        },
        options);
    auto client = server.connect();
    client.send(get("/a"));
    ASSERT_TRUE(eventually([&] { return handled.load(); }));
    server.stop();
    EXPECT_EQ(server.given_up(), 1U);
  }
  (*kept)(Response{});
}

}  // namespace
}  // namespace osprey::http
