#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "running_server.hpp"

namespace osprey::http {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

ServerOptions with(const Limits& limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

/// The answer to what is refused: its status, JSON with a message, and the end of the connection without a reset.
void expect_refused(RawClient& client, int status, std::string_view message) {
  const auto reply = client.read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, status);
  EXPECT_EQ(reply->header("Content-Type"), "application/json");
  EXPECT_EQ(reply->header("Connection"), "close");
  EXPECT_NE(reply->body.find(message), std::string::npos) << reply->body;
  EXPECT_TRUE(reply->body.starts_with("{\"message\":\"")) << reply->body;
  client.finish_sending();
  EXPECT_EQ(client.ending(), Ending::closed);
}

TEST(HeaderLimit, PassesAtTheLimitAndRefusesOneByteMore) {
  Limits limits;
  limits.header_bytes = 1000;
  const RunningServer server(echo, with(limits));
  const auto sized = [](std::size_t size) {
    const auto bare = get("/a", "X: \r\n");
    return get("/a", "X: " + std::string(size - bare.size(), 'x') + "\r\n");
  };
  ASSERT_EQ(sized(1000).size(), 1000U);
  auto client = server.connect();
  EXPECT_EQ(client.ask(sized(1000))->status, 200);
  client.send(sized(1001));
  expect_refused(client, 431, "1000 bytes");
}

TEST(HeaderLimit, RefusesAnEndlessRequestLine) {
  Limits limits;
  limits.header_bytes = 1000;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  client.send("GET /" + std::string(100'000, 'a'));
  expect_refused(client, 431, "1000 bytes");
}

TEST(HeaderLimit, PassesWithAsManyFieldsAsAllowedAndRefusesOneMore) {
  Limits limits;
  limits.header_fields = 10;
  const RunningServer server(echo, with(limits));
  const auto with_fields = [](std::size_t count) {
    std::string fields;
    for (std::size_t i = 1; i < count; ++i) fields += "X: y\r\n";  // Host is the first
    return get("/a", fields);
  };
  auto client = server.connect();
  EXPECT_EQ(client.ask(with_fields(10))->status, 200);
  client.send(with_fields(11));
  expect_refused(client, 431, "limit of 10");
}

TEST(BodiesLimit, RefusesWhatIsTooMuchForAllConnectionsTogether) {
  Limits limits;
  limits.bodies_bytes = std::size_t{3} << 20;
  const RunningServer server(echo, with(limits));
  const std::string half_of_it(1 << 20, 'b');
  const std::string declared = "POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 2097152\r\n\r\n";
  auto first = server.connect();
  first.send(declared + half_of_it);
  ASSERT_EQ(server.connect().ask(get("/a"))->status, 200) << "a request without a body needs no room";
  auto second = server.connect();
  second.send(declared + half_of_it + half_of_it);
  auto reply = second.read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->header("Retry-After"), "1");
  first.send(half_of_it);
  EXPECT_EQ(first.read()->status, 200);
  // What was held is free again.
  auto third = server.connect();
  EXPECT_EQ(third.ask(declared + half_of_it + half_of_it)->status, 200);
}

TEST(BodyLimit, PassesAtTheLimitAndRefusesOneByteMore) {
  Limits limits;
  limits.body_bytes = 5000;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  EXPECT_EQ(client.ask(post("/a", std::string(5000, 'b')))->status, 200);
  client.send(post("/a", std::string(5001, 'b')));
  expect_refused(client, 413, "5000 bytes");
}

TEST(BodyLimit, IsHeldAgainstContentLengthBeforeTheBodyComes) {
  Limits limits;
  limits.body_bytes = 5000;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  client.send("POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 5001\r\n\r\n");
  expect_refused(client, 413, "5000 bytes");
}

TEST(BodyLimit, RefusesInsteadOfContinue) {
  Limits limits;
  limits.body_bytes = 5000;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  client.send("POST /a HTTP/1.1\r\nHost: t\r\nContent-Length: 5001\r\nExpect: 100-continue\r\n\r\n");
  expect_refused(client, 413, "5000 bytes");
}

TEST(BodyLimit, CountsChunks) {
  Limits limits;
  limits.body_bytes = 5000;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  const auto chunks = [](std::size_t last) {
    char text[64];
    std::snprintf(text, sizeof text, "\r\n%zx\r\n", last);
    return "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nfa0\r\n" + std::string(4000, 'c') + text +
           std::string(last, 'd') + "\r\n0\r\n\r\n";
  };
  EXPECT_EQ(client.ask(chunks(1000))->status, 200);
  client.send(chunks(1001));
  expect_refused(client, 413, "5000 bytes");
}

TEST(BodyLimit, LetsAClientThatSendsItAllReadTheAnswer) {
  Limits limits;
  limits.body_bytes = 5000;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  // More than the buffers of both kernels hold: it only gets through if the server reads on after its answer.
  EXPECT_TRUE(client.send(post("/a", std::string(30 << 20, 'b'))));
  expect_refused(client, 413, "5000 bytes");
}

TEST(ConnectionLimit, IsKeptForEachAddress) {
  Limits limits;
  limits.connections_per_address = 2;
  const RunningServer server(echo, with(limits));
  auto first = server.connect();
  ASSERT_EQ(first.ask(get("/a"))->status, 200);
  {
    auto second = server.connect();
    ASSERT_EQ(second.ask(get("/a"))->status, 200);
    auto third = server.connect();
    const auto reply = third.read();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 503);
  }
  ASSERT_TRUE(eventually([&] { return server.connections() == 1; }));
  EXPECT_EQ(server.connect().ask(get("/a"))->status, 200) << "one that has gone makes room";
}

TEST(ConnectionLimit, Answers503BeyondIt) {
  Limits limits;
  limits.connections = 2;
  const RunningServer server(echo, with(limits));
  auto first = server.connect();
  auto second = server.connect();
  EXPECT_EQ(first.ask(get("/a"))->status, 200);
  EXPECT_EQ(second.ask(get("/a"))->status, 200);
  auto third = server.connect();
  third.send(get("/a"));
  const auto reply = third.read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->header("Retry-After"), "1");
  EXPECT_EQ(reply->header("Connection"), "close");
  EXPECT_TRUE(reply->body.starts_with("{\"message\":\"")) << reply->body;
  third.finish_sending();
  EXPECT_EQ(third.ending(), Ending::closed);
  EXPECT_EQ(server.connections(), 2U);

  {
    const auto gone = std::move(first);
  }
  ASSERT_TRUE(eventually([&] { return server.connections() == 1; }));
  EXPECT_EQ(server.connect().ask(get("/a"))->status, 200);
}

TEST(ConnectionLimit, DoesNotHoldOnToRefusedClientsThatStay) {
  Limits limits;
  limits.connections = 0;
  const RunningServer server(echo, with(limits));
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(server.connect());
  for (auto& client : clients) EXPECT_EQ(client.ending(8s), Ending::closed);
}

TEST(HeaderTime, Answers408ToASlowHeader) {
  Limits limits;
  limits.header_time = 200ms;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  client.send("GET /a HTTP/1.1\r\n");
  const auto begin = Clock::now();
  expect_refused(client, 408, "header");
  EXPECT_GE(Clock::now() - begin, 150ms);
}

TEST(HeaderTime, IsNotProlongedByMoreBytes) {
  Limits limits;
  limits.header_time = 200ms;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  client.send("GET /a HTTP/1.1\r\nX-Drip: ");
  std::jthread drip([&](const std::stop_token& stop) {
    for (int i = 0; i < 200 && !stop.stop_requested() && client.send("x"); ++i) std::this_thread::sleep_for(10ms);
  });
  const auto begin = Clock::now();
  const auto reply = client.read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 408);
  EXPECT_LT(Clock::now() - begin, 1500ms);
  // It was in the middle of sending, and still no reset overtakes the answer.
  std::this_thread::sleep_for(50ms);
  drip.request_stop();
  drip.join();
  client.finish_sending();
  EXPECT_EQ(client.ending(), Ending::closed);
}

TEST(HeaderTime, StartsAnewWithEachRequest) {
  Limits limits;
  limits.header_time = 300ms;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  for (int i = 0; i < 4; ++i) {
    const auto request = get("/a");
    client.send(request.substr(0, 20));
    std::this_thread::sleep_for(100ms);
    client.send(request.substr(20));
    ASSERT_EQ(client.read()->status, 200) << i;
  }
}

TEST(BodyTime, Answers408ToASlowBody) {
  Limits limits;
  limits.body_time = 200ms;
  const RunningServer server(echo, with(limits));
  for (const char* start : {"Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
    auto client = server.connect();
    client.send(std::string("POST /a HTTP/1.1\r\nHost: t\r\n") + start);
    expect_refused(client, 408, "body");
  }
}

TEST(IdleTime, ClosesWithoutAWord) {
  Limits limits;
  limits.idle_time = 200ms;
  const RunningServer server(echo, with(limits));
  auto silent = server.connect();
  auto client = server.connect();
  EXPECT_EQ(client.ask(get("/a"))->status, 200);
  EXPECT_EQ(client.ending(), Ending::closed);
  EXPECT_EQ(client.unread(), "");
  EXPECT_EQ(silent.ending(), Ending::closed);
  EXPECT_EQ(silent.unread(), "");
}

TEST(IdleTime, StartsAnewWithEachRequest) {
  Limits limits;
  limits.idle_time = 400ms;
  const RunningServer server(echo, with(limits));
  auto client = server.connect();
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(client.ask(get("/a"))) << i;
    std::this_thread::sleep_for(120ms);
  }
}

TEST(IdleTime, DoesNotLimitTheHandler) {
  Limits limits;
  limits.idle_time = 50ms;
  std::jthread worker;
  const RunningServer server(
      [&](Request request, Responder respond) {
        worker = std::jthread([request = std::move(request), respond = std::move(respond)]() mutable {
          std::this_thread::sleep_for(300ms);
          echo(std::move(request), std::move(respond));
        });
      },
      with(limits));
  EXPECT_EQ(server.connect().ask(get("/a"))->body, "GET /a");
}

TEST(WriteTime, ClosesWhenTheClientDoesNotReadItsAnswer) {
  Limits limits;
  limits.write_time = 200ms;
  const RunningServer server(
      [](Request, Responder respond) {
        Response response;
        response.body = std::string(50 << 20, 'x');
        respond(std::move(response));
      },
      with(limits));
  auto client = server.connect();
  client.send(get("/a"));
  ASSERT_TRUE(eventually([&] { return server.connections() == 1; }));
  EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

}  // namespace
}  // namespace osprey::http
