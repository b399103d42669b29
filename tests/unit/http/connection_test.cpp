#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <thread>

#include "running_server.hpp"

namespace osprey::http {
namespace {

using namespace std::chrono_literals;

TEST(Connection, AnswersManyRequestsOnOneConnection) {
  const RunningServer server(echo);
  auto client = server.connect();
  for (int i = 0; i < 5; ++i) {
    const auto path = "/" + std::to_string(i);
    const auto reply = client.ask(get(path));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->version, "HTTP/1.1");
    EXPECT_EQ(reply->body, "GET " + path);
    EXPECT_EQ(reply->header("Content-Type"), "text/plain");
    EXPECT_EQ(reply->header("Connection"), "");
    EXPECT_EQ(reply->headers.count("Content-Length"), 1U);
    // RFC 9110 section 5.6.7: "Tue, 24 Nov 2026 06:30:25 GMT".
    EXPECT_EQ(reply->header("Date").size(), 29U);
    EXPECT_TRUE(reply->header("Date").ends_with(" GMT"));
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Connection, ClosesWhenTheClientAsksForIt) {
  const RunningServer server(echo);
  auto client = server.connect();
  const auto reply = client.ask(get("/a", "Connection: close\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "GET /a");
  EXPECT_EQ(reply->header("Connection"), "close");
  EXPECT_EQ(client.ending(), Ending::closed);
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(Connection, ClosesWhenTheHandlerAsksForIt) {
  const RunningServer server([](Request, Responder respond) {
    Response response;
    response.close = true;
    respond(std::move(response));
  });
  auto client = server.connect();
  EXPECT_EQ(client.ask(get("/a"))->header("Connection"), "close");
  client.finish_sending();
  EXPECT_EQ(client.ending(), Ending::closed);
}

TEST(Connection, AnswersPipelinedRequestsInTheirOrder) {
  const RunningServer server(echo);
  auto client = server.connect();
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += i % 2 == 0 ? get("/" + std::to_string(i)) : post("/" + std::to_string(i), "body");
  client.send(all);
  for (int i = 0; i < 100; ++i) {
    const auto reply = client.read();
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->body, i % 2 == 0 ? "GET /" + std::to_string(i) : "POST /" + std::to_string(i) + " body");
  }
}

TEST(Connection, AnswersPipelinedRequestsInTheirOrderWhenTheHandlerIsSlow) {
  std::vector<std::jthread> workers;
  const RunningServer server([&](Request request, Responder respond) {
    workers.emplace_back([request = std::move(request), respond = std::move(respond)]() mutable {
      std::this_thread::sleep_for(5ms);
      echo(std::move(request), std::move(respond));
    });
  });
  auto client = server.connect();
  std::string all;
  for (int i = 0; i < 10; ++i) all += post("/" + std::to_string(i), std::string(3000, 'x'));
  client.send(all);
  for (int i = 0; i < 10; ++i) {
    const auto reply = client.read();
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->body, "POST /" + std::to_string(i) + " " + std::string(3000, 'x'));
  }
}

TEST(Connection, ReadsChunkedBodies) {
  const RunningServer server(echo);
  auto client = server.connect();
  const std::string head = "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.send(head + "5\r\nhel");
  std::this_thread::sleep_for(20ms);
  client.send("lo\r\n6\r\n world\r\n0\r");
  std::this_thread::sleep_for(20ms);
  client.send("\n\r\n");
  EXPECT_EQ(client.read()->body, "POST /c hello world");
  EXPECT_EQ(client.ask(head + "0\r\n\r\n")->body, "POST /c");
}

TEST(Connection, ReadsAndSendsLargeBodiesUnchanged) {
  std::string large(9 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761U >> 13);
  const RunningServer server([](Request request, Responder respond) {
    Response response;
    response.body = std::move(request.body);
    respond(std::move(response));
  });
  auto client = server.connect();
  const auto reply = client.ask(post("/", large));
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->body == large);
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", large.size());
  client.send("POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send(size);
  client.send(large);
  const auto chunked = client.ask("\r\n0\r\n\r\n");
  ASSERT_TRUE(chunked);
  EXPECT_TRUE(chunked->body == large);
}

TEST(Connection, Sends100ContinueWhenTheClientWaitsForIt) {
  const RunningServer server(echo);
  auto client = server.connect();
  client.send("POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const auto interim = client.read();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  EXPECT_EQ(client.ask("hello")->body, "POST /e hello");
  // The body came along: nothing to wait for.
  EXPECT_EQ(client.ask(post("/e", "hello", "Expect: 100-continue\r\n"))->status, 200);
}

TEST(Connection, AnswersHeadWithTheLengthOfGetAndNoBody) {
  const RunningServer server(echo);
  auto client = server.connect();
  client.send("HEAD /abc HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto head = client.read(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("Content-Length"), std::to_string(std::string("HEAD /abc").size()));
  EXPECT_EQ(client.unread(), "");
  EXPECT_EQ(client.ask(get("/next"))->body, "GET /next");
}

TEST(Connection, SendsNoBodyWithStatusesThatHaveNone) {
  const RunningServer server([](Request, Responder respond) {
    Response response;
    response.status = 204;
    response.content_type = "";
    response.body = "not to be sent";
    respond(std::move(response));
  });
  auto client = server.connect();
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.ask(get("/"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 204);
    EXPECT_EQ(reply->header("Content-Length"), "");
    EXPECT_EQ(reply->header("Content-Type"), "");
  }
}

TEST(Connection, ClosesAfterHttp10UnlessKeepAliveIsAsked) {
  const RunningServer server(echo);
  auto client = server.connect();
  const auto kept = client.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->header("Connection"), "keep-alive");
  const auto last = client.ask("GET /b HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->body, "GET /b");
  EXPECT_EQ(last->header("Connection"), "close");
  EXPECT_EQ(client.ending(), Ending::closed);
}

TEST(Connection, GivesTheHandlerWhatItNeedsOfTheRequest) {
  const RunningServer server([](Request request, Responder respond) {
    Response response;
    response.body = request.target + "|" + request.path + "|" + std::string(*request.query_value("q")) + "|" +
                    request.peer + "|" + std::string(*request.headers.find("x-a"));
    respond(std::move(response));
  });
  auto client = server.connect();
  EXPECT_EQ(client.ask(get("/a%20b?q=c+d", "X-A:  spaced \r\n"))->body, "/a%20b?q=c+d|/a b|c d|127.0.0.1|spaced");
}

TEST(Connection, LeavesOutFieldsThatWouldBreakTheAnswer) {
  const RunningServer server([](Request, Responder respond) {
    Response response;
    response.headers.add("X-Good", "1");
    response.headers.add("X-Bad", "1\r\nX-Injected: 2");
    response.headers.add("X Bad", "1");
    response.headers.add("Content-Length", "1000");
    response.headers.add("connection", "close");
    respond(std::move(response));
  });
  auto client = server.connect();
  const auto reply = client.ask(get("/"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->header("X-Good"), "1");
  for (const char* name : {"X-Bad", "X-Injected", "X Bad", "Connection"}) EXPECT_EQ(reply->header(name), "") << name;
  EXPECT_EQ(reply->header("Content-Length"), "0");
}

TEST(Connection, AnswersFromAnotherThread) {
  std::jthread worker;
  const RunningServer server([&](Request request, Responder respond) {
    worker = std::jthread([request = std::move(request), respond = std::move(respond)]() mutable {
      std::this_thread::sleep_for(10ms);
      echo(std::move(request), std::move(respond));
    });
  });
  auto client = server.connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ask(post("/a", "b"))->body, "POST /a b");
}

TEST(Connection, Answers500WhenTheResponderIsDropped) {
  const RunningServer server([](Request, Responder) {});
  auto client = server.connect();
  const auto reply = client.ask(get("/a"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_EQ(client.ask(get("/a"))->status, 500);
}

TEST(Connection, Answers500WhenTheResponderIsDroppedByAnotherThread) {
  std::jthread worker;
  const RunningServer server([&](Request, Responder respond) {
    worker = std::jthread([respond = std::move(respond)]() mutable {
      std::this_thread::sleep_for(10ms);
      const Responder dropped(std::move(respond));
    });
  });
  EXPECT_EQ(server.connect().ask(get("/a"))->status, 500);
}

TEST(Connection, Answers500WhenTheHandlerThrows) {
  const RunningServer server([](Request, Responder) { throw std::runtime_error("broken"); });
  auto client = server.connect();
  EXPECT_EQ(client.ask(get("/a"))->status, 500);
  EXPECT_EQ(client.ask(get("/a"))->status, 500);
}

TEST(Connection, Answers500ForAStatusThatIsNone) {
  const RunningServer server([](Request, Responder respond) {
    Response response;
    response.status = 42;
    respond(std::move(response));
  });
  EXPECT_EQ(server.connect().ask(get("/a"))->status, 500);
}

TEST(Connection, ServesOnSeveralThreads) {
  ServerOptions options;
  options.io_threads = 3;
  const RunningServer server(echo, options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(server.connect());
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) ASSERT_EQ(client.ask(get("/a"))->body, "GET /a");
  }
  EXPECT_EQ(server.connections(), 9U);
}

}  // namespace
}  // namespace osprey::http
