// The end of a server with calls under way.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "running_grpc.hpp"

namespace osprey::rpc {
namespace {

using ::grpc::StatusCode;

/// A backend that keeps one request until it is told to answer it.
struct Held {
  explicit Held(FakeBackend& backend) {
    backend.infer_with = [this](auto given, auto completion) {
      request = std::move(given);
      complete = std::move(completion);
      begun = true;
    };
  }
  std::shared_ptr<const oip::InferRequest> request;
  std::function<void(Result<oip::InferAnswer>)> complete;
  std::atomic<bool> begun{false};
};

TEST(Stop, AnswersWhatWasBegunAndTakesNoMore) {
  RunningGrpc running;
  Held held(running.backend);
  const auto client = running.client();
  auto reply = std::async(std::launch::async, [&] { return client.ask("ModelInfer", infer_request()); });
  ASSERT_TRUE(eventually([&] { return held.begun.load(); }));
  running.server->stop(std::chrono::seconds(30));
  running.server->stop(std::chrono::seconds(0));  // a second one changes nothing
  EXPECT_TRUE(eventually([&] {
    const CallOptions shortly{.timeout = std::chrono::milliseconds(500)};
    return running.client().ask("ServerLive", inference::ServerLiveRequest(), shortly).status.error_code() ==
           StatusCode::UNAVAILABLE;
  }));
  held.complete(FakeBackend::echo(*held.request));
  EXPECT_TRUE(reply.get().status.ok());
  EXPECT_EQ(running.server->wait(), 0U);
}

TEST(Stop, CutsOffWhatTakesTooLongAndCountsIt) {
  RunningGrpc running;
  Held held(running.backend);
  const auto client = running.client();
  auto reply = std::async(std::launch::async, [&] { return client.ask("ModelInfer", infer_request()); });
  ASSERT_TRUE(eventually([&] { return held.begun.load(); }));
  running.server->stop(std::chrono::milliseconds(200));
  EXPECT_EQ(running.server->wait(), 1U);
  EXPECT_FALSE(reply.get().status.ok());
  EXPECT_TRUE(held.request->cancel.cancelled());
  running.server.reset();
  held.complete(FakeBackend::echo(*held.request));  // after its server
}

TEST(Stop, EndsStreamsThatWait) {
  RunningGrpc running;
  const auto client = running.client();
  Stream stream(client, method("ModelStreamInfer"));
  ASSERT_TRUE(stream.write(infer_request("a").SerializeAsString()));
  EXPECT_TRUE(stream.read());
  const auto began = std::chrono::steady_clock::now();
  running.server->stop(std::chrono::seconds(20));
  EXPECT_FALSE(stream.read());
  EXPECT_EQ(stream.finish().error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(running.server->wait(), 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST(Stop, OfAnIdleServerIsAtOnce) {
  RunningGrpc running;
  const auto client = running.client();
  EXPECT_TRUE(client.ask("ServerLive", inference::ServerLiveRequest()).status.ok());
  const auto began = std::chrono::steady_clock::now();
  running.server->stop(std::chrono::seconds(30));
  EXPECT_EQ(running.server->wait(), 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace osprey::rpc
