// Models that fail, seen from outside: one request gets 500 or 504, the other model answers meanwhile, what is wrong is
// told, and it is tried again. Time is the fake clock's.
#include <future>
#include <limits>
#include <new>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "whole_server.hpp"

namespace osprey {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Outputs = Result<std::vector<engine::FakeOutput>>;

/// Whether it comes true within some seconds.
template <typename Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 5'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class FaultyModelTest : public testing::Test {
 protected:
  FaultyModelTest() {
    for (const char* id : {"fake/1", "fake/2"}) EXPECT_EQ(predict(id).status, 200);
  }
  ~FaultyModelTest() override { let_go(); }

  http::Reply predict(const std::string& model) {
    return server.ask("POST", "/infer/object_detection", WholeServer::detection_body(picture(200), model));
  }
  std::string message_of(const http::Reply& reply) { return Json::parse(reply.body).value("message", ""); }
  Json registry_entry(std::size_t index) {
    return Json::parse(server.ask("GET", "/model/registry").body)["models"][index];
  }
  std::string metrics() { return server.ask("GET", "/metrics").body; }

  void let_go() {
    if (!std::exchange(gone, true)) release.set_value();
  }
  /// Runs of fake/1 hang until let_go().
  void hang() {
    server.set_network("fake/1", [this, gate = release.get_future().share()](std::span<const TensorView> inputs) {
      ++hanging;
      gate.wait();
      return fake_detector(inputs);
    });
  }

  std::promise<void> release;
  bool gone = false;
  std::atomic<int> hanging{0};
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  WholeServer server{2, {}, {}, clock};
};

TEST_F(FaultyModelTest, NanIs500AndTheOtherModelAnswers) {
  server.set_network("fake/1", [](std::span<const TensorView>) -> Outputs {
    return std::vector{engine::FakeOutput{{1, 6, 1}, std::vector<float>(6, std::numeric_limits<float>::quiet_NaN())}};
  });
  const auto reply = predict("fake/1");
  EXPECT_EQ(reply.status, 500);
  EXPECT_THAT(message_of(reply), HasSubstr("not numbers"));
  EXPECT_EQ(predict("fake/2").status, 200);
}

TEST_F(FaultyModelTest, WhateverTheEngineThrowsIs500) {
  for (const auto& thrower : {engine::FakeFunction([](auto) -> Outputs { throw std::bad_alloc(); }),
                              engine::FakeFunction([](auto) -> Outputs { throw std::runtime_error("gone"); })}) {
    server.set_network("fake/1", thrower);
    EXPECT_EQ(predict("fake/1").status, 500);
    EXPECT_EQ(predict("fake/2").status, 200);
  }
}

TEST_F(FaultyModelTest, RepeatedFaultsTakeTheModelOutSayWhyAndEnd) {
  EXPECT_EQ(server.ask("GET", "/readiness").body, R"({"status":"ready"})");
  server.set_network("fake/1",
                     [](std::span<const TensorView>) -> Outputs { throw std::runtime_error("it is broken"); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(predict("fake/1").status, 500);

  const auto refused = predict("fake/1");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_THAT(message_of(refused), HasSubstr("it is broken"));
  EXPECT_EQ(predict("fake/2").status, 200);

  const auto readiness = server.ask("GET", "/readiness");
  EXPECT_EQ(readiness.status, 200) << "the server is ready for the other models";
  const auto out = Json::parse(readiness.body)["models_out"];
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0]["model_id"], "fake/1");
  EXPECT_THAT(std::string(out[0]["reason"]), HasSubstr("it is broken"));
  EXPECT_THAT(std::string(registry_entry(0)["out_of_service"]["reason"]), HasSubstr("it is broken"));
  EXPECT_EQ(registry_entry(0)["out_of_service"]["retry_seconds"], 1.0);
  EXPECT_FALSE(registry_entry(1).contains("out_of_service"));
  EXPECT_THAT(metrics(), HasSubstr(R"(osprey_model_failures_total{model="fake/1"} 3)"));
  EXPECT_THAT(metrics(), HasSubstr(R"(osprey_model_out{model="fake/1"} 1)"));
  EXPECT_THAT(metrics(), HasSubstr(R"(osprey_model_out{model="fake/2"} 0)"));

  server.set_network("fake/1", fake_detector);
  EXPECT_EQ(predict("fake/1").status, 503);
  clock->advance(seconds(1));
  EXPECT_EQ(predict("fake/1").status, 200);
  EXPECT_TRUE(soon([&] { return server.ask("GET", "/readiness").body == R"({"status":"ready"})"; }))
      << "its success is noted once it is answered";
  EXPECT_THAT(metrics(), HasSubstr(R"(osprey_model_out{model="fake/1"} 0)"));
}

TEST_F(FaultyModelTest, AHangIs504InTimeTheOthersGoOnAndTheModelIsLoadedAnew) {
  hang();
  auto stuck = server.connect();
  ASSERT_TRUE(stuck.send(
      WholeServer::message("POST", "/infer/object_detection", WholeServer::detection_body(picture(200), "fake/1"))));
  ASSERT_TRUE(http::eventually([&] { return hanging == 1; }));
  EXPECT_EQ(predict("fake/2").status, 200);

  clock->advance(WholeServer::kHungAfter);
  server.watch();
  EXPECT_THAT(metrics(), HasSubstr("osprey_threads 3"));
  EXPECT_THAT(metrics(), HasSubstr("osprey_threads_hanging 1"));
  const auto refused = predict("fake/1");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(message_of(refused), HasSubstr("has not ended after 30 s"));
  EXPECT_EQ(predict("fake/2").status, 200);

  server.set_network("fake/1", fake_detector);
  clock->advance(seconds(1));
  EXPECT_EQ(predict("fake/1").status, 503) << "this one has it loaded anew";
  EXPECT_TRUE(http::eventually([&] { return predict("fake/1").status == 200; }));

  clock->advance(seconds(89));
  server.watch();
  const auto late = stuck.read();
  ASSERT_TRUE(late);
  EXPECT_EQ(late->status, 504);
  let_go();
  EXPECT_TRUE(http::eventually([&] { return server.scheduler().threads().alive == 2; }));
  EXPECT_EQ(predict("fake/1").status, 200);
}

TEST_F(FaultyModelTest, ALoadThatThrowsIs500AndTheNextTryIsTried) {
  write_fake_detector(server.models(), "fake/3");
  server.set_network("fake/3", [](std::span<const TensorView>) -> Outputs { throw std::bad_alloc(); });
  EXPECT_EQ(predict("fake/3").status, 500);
  EXPECT_EQ(predict("fake/2").status, 200);
  server.set_network("fake/3", fake_detector);
  clock->advance(seconds(1));
  EXPECT_EQ(predict("fake/3").status, 200);
}

TEST(Readiness, IsNotGivenByAServerThatIsAboutToStop) {
  std::atomic<bool> leaving{false};
  WholeServer server(2, {}, [&](server::RouteContext& context) { context.leaving = [&] { return leaving.load(); }; });
  const auto before = server.ask("GET", "/readiness");
  EXPECT_EQ(before.status, 200);
  EXPECT_NE(before.header("connection"), "close");
  leaving = true;
  const auto reply = server.ask("GET", "/readiness");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"status":"not ready","reason":"draining"})");
  const auto answer = server.ask("POST", "/fake/1", picture(200));
  EXPECT_EQ(answer.status, 200) << "it serves yet";
  EXPECT_EQ(answer.header("connection"), "close") << "the next request is better sent elsewhere";
}

TEST(Readiness, IsNotGivenWhereEveryThreadHangs) {
  WholeServer server(2, {}, [](server::RouteContext& context) { context.hangs = [] { return true; }; });
  const auto reply = server.ask("GET", "/readiness");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("hangs"));
}

}  // namespace
}  // namespace osprey
