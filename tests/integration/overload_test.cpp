// More work than fits, clients that leave, a stop in the middle.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "whole_server.hpp"

namespace osprey {
namespace {

service::ServiceOptions room_for(std::size_t requests) {
  service::ServiceOptions options;
  options.max_in_flight = requests;
  return options;
}

TEST(Overload, IsRefusedAtOnceAndHealthStillAnswers) {
  WholeServer server(0, room_for(2));  // no compute threads: what is admitted waits
  const auto body = WholeServer::detection_body(picture(255));
  std::vector<http::RawClient> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(server.connect());
    ASSERT_TRUE(waiting.back().send(WholeServer::message("POST", "/infer/object_detection", body)));
  }
  ASSERT_TRUE(http::eventually([&] { return server.scheduler().stats().at(0).queued == 2; }));
  const auto refused = server.ask("POST", "/infer/object_detection", body);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(server.ask("GET", "/healthz").status, 200);
  EXPECT_EQ(server.ask("GET", "/model/registry").status, 200);
}

// Without a socket, so that the client leaves at a moment that is certain; that leaving sets the token is http's own
// test.
TEST(Overload, AClientThatLeavesFreesItsWork) {
  WholeServer server(0, room_for(8));
  http::Request request;
  request.method = "POST";
  request.path = "/infer/object_detection";
  request.headers.add("Content-Type", "application/json");
  request.body = WholeServer::detection_body(picture(255));
  auto cancel = request.cancel;
  int answers = 0;
  server.handler()(std::move(request), http::Responder([&](http::Response) { ++answers; }));
  cancel.cancel();
  while (server.scheduler().run_one()) {
  }
  EXPECT_EQ(server.scheduler().stats().at(0).dropped, 1U);
  EXPECT_EQ(server.scheduler().stats().at(0).jobs_run, 0U);
  EXPECT_EQ(answers, 1);
}

TEST(Stop, AnswersWhatWasAccepted) {
  WholeServer server;
  (void)server.ask("POST", "/model/add", R"({"model_id":"fake/1"})");
  server.set_gate(false);
  std::vector<http::RawClient> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(server.connect());
    ASSERT_TRUE(clients.back().send(
        WholeServer::message("POST", "/infer/object_detection", WholeServer::detection_body(picture(255)))));
  }
  ASSERT_TRUE(http::eventually([&] {
    std::size_t admitted = 0;
    for (const auto& lane : server.scheduler().stats()) {
      if (lane.name == "preparation") admitted = lane.jobs_run + lane.queued;
    }
    return admitted == 6;
  }));
  server.http().stop();
  server.set_gate(true);
  for (auto& client : clients) {
    const auto reply = client.read();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->header("Connection"), "close");
  }
  EXPECT_EQ(server.http().given_up(), 0U);
}

TEST(ManyClients, EachGetsItsOwnAnswer) {
  WholeServer server;
  std::vector<std::jthread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      auto client = server.connect();
      for (int i = 0; i < 25; ++i) {
        const bool bright = (c + i) % 2 == 0;
        const auto body = WholeServer::detection_body(picture(bright ? 255 : 0), i % 3 == 0 ? "fake/2" : "fake/1");
        const auto reply = client.ask(WholeServer::message("POST", "/infer/object_detection", body));
        ASSERT_TRUE(reply);
        EXPECT_EQ(Json::parse(reply->body)["predictions"][0]["class"], bright ? "bright" : "dark");
      }
    });
  }
}

}  // namespace
}  // namespace osprey
