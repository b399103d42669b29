// Against a server of the test's own on loopback, which sends exactly what it is told.
#include "fetch/fetcher.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/cancel_token.hpp"

namespace osprey::fetch {
namespace {

/// Answers each connection with the same bytes, then closes it.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, std::chrono::milliseconds pause = {}) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, pause] {
      int peer = 0;
      while ((peer = accept(listener_, nullptr, nullptr)) >= 0) {
        ++connections;
        char request[4096];
        (void)!read(peer, request, sizeof request);
        for (const char byte : answer_) {
          if (send(peer, &byte, 1, MSG_NOSIGNAL) != 1) break;
          if (pause.count() > 0) std::this_thread::sleep_for(pause);
        }
        close(peer);
      }
    });
  }
  ~OneAnswer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + "/a.jpg";
  }
  std::atomic<int> connections{0};

 private:
  std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

FetchOptions anywhere() {
  FetchOptions options;
  options.allow_special_addresses = true;
  return options;
}

/// Accepts connections, and never says a word.
class Silent {
 public:
  Silent() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(listen(listener_, 512), 0);  // on a port of the system's choice
  }
  ~Silent() { close(listener_); }
  [[nodiscard]] std::string url() const {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/a.jpg";
  }

  void wait_for_a_connection() const {
    pollfd wanted{listener_, POLLIN, 0};
    EXPECT_EQ(poll(&wanted, 1, 10'000), 1);
  }

 private:
  int listener_ = -1;
};

std::string told(const Result<FetchedBytes>& bytes) {
  if (!bytes) return std::string(to_string(bytes.error().code)) + ": " + bytes.error().message;
  return std::string(reinterpret_cast<const char*>(bytes->view().data()), bytes->view().size());
}

std::future<Result<FetchedBytes>> start(Fetcher& fetcher, const std::string& url, CancelToken cancel = {}) {
  auto promise = std::make_shared<std::promise<Result<FetchedBytes>>>();
  auto future = promise->get_future();
  fetcher.start(
      url, [cancel] { return cancel.cancelled(); },
      [promise](Result<FetchedBytes> bytes) { promise->set_value(std::move(bytes)); });
  return future;
}

std::string outcome(const std::string& url, const FetchOptions& options) {
  Fetcher fetcher(options);
  return told(start(fetcher, url).get());
}

TEST(Fetch, GivesTheBody) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(outcome(server.url(), anywhere()), "hello");
}

TEST(Fetch, DoesNotConnectToSpecialAddressesByAnySpelling) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1",
                           "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    const auto text = outcome(server.url(host), {});
    EXPECT_TRUE(text.starts_with("invalid_argument")) << host << ": " << text;
  }
  EXPECT_EQ(server.connections, 0);
  EXPECT_NE(outcome(server.url(), {}).find("not a public address"), std::string::npos);
}

TEST(Fetch, FollowsRedirectsAndChecksEachTarget) {
  OneAnswer target("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  OneAnswer good("HTTP/1.1 302 Found\r\nLocation: " + target.url() + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(outcome(good.url(), anywhere()), "hello");
  OneAnswer file("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(outcome(file.url(), anywhere()).starts_with("invalid_argument"));
  auto options = anywhere();
  options.policy.denied_hosts = {"localhost"};
  OneAnswer denied("HTTP/1.1 302 Found\r\nLocation: " + target.url("localhost") + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(outcome(denied.url(), options).starts_with("invalid_argument"));
}

TEST(Fetch, EndsEndlessRedirects) {
  OneAnswer loop("HTTP/1.1 302 Found\r\nLocation: /a.jpg\r\nContent-Length: 0\r\n\r\n");
  EXPECT_NE(outcome(loop.url(), anywhere()).find("redirects more than 5 times"), std::string::npos);
  EXPECT_EQ(loop.connections, 6);
}

TEST(Fetch, RefusesErrorStatuses) {
  OneAnswer server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_NE(outcome(server.url(), anywhere()).find("404"), std::string::npos);
}

TEST(Fetch, StopsAtTheLimitWhateverTheHeaderSays) {
  auto options = anywhere();
  options.max_bytes = 4;
  OneAnswer honest("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(outcome(honest.url(), options).starts_with("payload_too_large"));
  OneAnswer silent("HTTP/1.0 200 OK\r\n\r\nhello");
  EXPECT_TRUE(outcome(silent.url(), options).starts_with("payload_too_large"));
  options.max_bytes = 5;
  EXPECT_EQ(outcome(silent.url(), options), "hello");
}

TEST(Fetch, RefusesABodyThatIsCutShort) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
  EXPECT_TRUE(outcome(server.url(), anywhere()).starts_with("invalid_argument"));
}

TEST(Fetch, EndsASlowBodyInTime) {
  auto options = anywhere();
  options.time = std::chrono::milliseconds(100);
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", std::chrono::milliseconds(20));
  EXPECT_NE(outcome(server.url(), options).find("within 100 ms"), std::string::npos);
}

TEST(Fetch, EndsWhenCancelled) {
  Silent server;
  Fetcher fetcher(anywhere());
  CancelToken cancel;
  auto bytes = start(fetcher, server.url(), cancel);
  EXPECT_EQ(bytes.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  cancel.cancel();
  EXPECT_TRUE(told(bytes.get()).starts_with("cancelled"));
}

TEST(Fetch, IsNotHeldUpByManyThatAreSilent) {
  Silent silent;
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  Fetcher fetcher(anywhere());
  std::vector<std::future<Result<FetchedBytes>>> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(start(fetcher, silent.url()));
  EXPECT_EQ(told(start(fetcher, server.url()).get()), "hello");
  fetcher.stop();
  for (auto& one : waiting) EXPECT_TRUE(told(one.get()).starts_with("unavailable"));
}

TEST(Fetch, OfOneTooManyWaitsForItsTurnAndOneMoreIsRefusedAtOnce) {
  Silent silent;
  auto options = anywhere();
  options.max_transfers = 1;
  options.max_waiting = 1;
  Fetcher fetcher(options);
  CancelToken leaves;
  auto first = start(fetcher, silent.url(), leaves);
  silent.wait_for_a_connection();
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  auto second = start(fetcher, server.url());
  EXPECT_TRUE(told(start(fetcher, server.url()).get()).starts_with("overloaded"));
  EXPECT_EQ(server.connections, 0);
  leaves.cancel();
  EXPECT_EQ(told(second.get()), "hello");
  EXPECT_TRUE(told(first.get()).starts_with("cancelled"));
}

TEST(Fetch, EndsInTimeWhoNeverHasATurn) {
  Silent silent;
  auto options = anywhere();
  options.max_transfers = 1;
  options.time = std::chrono::milliseconds(200);
  Fetcher fetcher(options);
  auto first = start(fetcher, silent.url()), second = start(fetcher, silent.url());
  EXPECT_NE(told(second.get()).find("within 200 ms"), std::string::npos);
  EXPECT_NE(told(first.get()).find("within 200 ms"), std::string::npos);
}

TEST(Fetch, OfAllHoldsNoMoreThanTheirLimitUntilTheyAreLetGo) {
  auto options = anywhere();
  options.max_held_bytes = 8;
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  Fetcher fetcher(options);
  {
    const auto held = start(fetcher, server.url()).get();
    EXPECT_EQ(told(held), "hello");
    EXPECT_TRUE(told(start(fetcher, server.url()).get()).starts_with("overloaded"));
  }
  EXPECT_EQ(told(start(fetcher, server.url()).get()), "hello");
}

TEST(Fetch, IsRefusedAfterTheStop) {
  Fetcher fetcher(anywhere());
  fetcher.stop();
  EXPECT_TRUE(told(start(fetcher, "http://127.0.0.1:1/a.jpg").get()).starts_with("unavailable"));
}

TEST(Fetch, SaysThatNobodyIsThere) {
  EXPECT_TRUE(outcome("http://127.0.0.1:1/a.jpg", anywhere()).starts_with("invalid_argument"));
}

}  // namespace
}  // namespace osprey::fetch
