// What clients may hold and take: sizes, numbers, times.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "running_grpc.hpp"

namespace osprey::rpc {
namespace {

using ::grpc::StatusCode;

TEST(Limits, OverloadSaysWhenToTryAgain) {
  RunningGrpc running;
  running.backend.admits = Error{Code::overloaded, "full"};
  const auto reply = running.client().ask("ModelInfer", infer_request());
  EXPECT_EQ(reply.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(reply.status.error_message(), "full");
  ASSERT_EQ(reply.trailers.count("grpc-retry-pushback-ms"), 1U);
  EXPECT_EQ(reply.trailers.find("grpc-retry-pushback-ms")->second, "1000");
  EXPECT_EQ(running.backend.told(), std::vector<std::string>{"ModelInfer UNAVAILABLE"});
}

TEST(Limits, AMessageOverTheSizeIsRefused) {
  RunningGrpc running([](ServerOptions& options) { options.limits.message_bytes = 100'000; });
  EXPECT_TRUE(running.client().ask("ModelInfer", infer_request(std::string(90'000, 'x'))).status.ok());
  EXPECT_EQ(running.client().ask("ModelInfer", infer_request(std::string(200'000, 'x'))).status.error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(running.client().ask("ModelInfer", infer_request()).status.ok());
}

TEST(Limits, AMessageThatGrowsWhenReadIsRefused) {
  RunningGrpc running([](ServerOptions& options) { options.limits.message_bytes = 1'000'000; });
  auto request = infer_request();
  for (int i = 0; i < 100'000; ++i) request.add_outputs();
  const auto reply = running.client().ask("ModelInfer", request);
  EXPECT_EQ(reply.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(reply.status.error_message().find("once it is read"), std::string::npos);
}

TEST(Limits, SmallMessagesAreSmall) {
  RunningGrpc running;
  inference::RepositoryModelLoadRequest request;
  request.set_model_name(std::string(100'000, 'm'));
  EXPECT_EQ(running.client().ask("RepositoryModelLoad", request).status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
}

TEST(Limits, CompressedMessagesAreRefused) {
  RunningGrpc running;
  const auto request = infer_request(std::string(10'000'000, 'x'));  // would arrive as ten kilobytes
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    EXPECT_EQ(running.client().ask("ModelInfer", request, {.compression = algorithm}).status.error_code(),
              StatusCode::UNIMPLEMENTED);
  }
  EXPECT_TRUE(running.backend.told().empty() || running.backend.told()[0] != "ModelInfer OK");
}

TEST(Limits, MessagesTogetherAreBounded) {
  RunningGrpc running([](ServerOptions& options) { options.limits.messages_bytes = 5'000'000; });
  std::promise<void> held;
  std::promise<void> release;
  running.backend.infer_with = [&, first = std::make_shared<std::atomic<bool>>(true)](auto request, auto completion) {
    if (!first->exchange(false)) return completion(FakeBackend::echo(*request));
    std::thread([&held, gate = release.get_future().share(), request, completion] {
      held.set_value();
      gate.wait();
      completion(FakeBackend::echo(*request));
    }).detach();
  };
  const auto client = running.client();
  auto first = std::async(std::launch::async,
                          [&] { return client.ask("ModelInfer", infer_request(std::string(2'000'000, 'x'))); });
  held.get_future().wait();
  const auto second = running.client().ask("ModelInfer", infer_request(std::string(2'000'000, 'x')));
  EXPECT_EQ(second.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(running.client().ask("ModelInfer", infer_request()).status.ok());
  release.set_value();
  EXPECT_TRUE(first.get().status.ok());
  EXPECT_TRUE(running.client().ask("ModelInfer", infer_request(std::string(2'000'000, 'x'))).status.ok());
}

TEST(Limits, CallsAreBounded) {
  RunningGrpc running([](ServerOptions& options) { options.limits.calls_per_address = 2; });
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::make_unique<Client>(running.server->port()));
    streams.push_back(std::make_unique<Stream>(*clients.back(), method("ModelStreamInfer")));
  }
  ASSERT_TRUE(eventually([&] { return running.server->calls() == 2; }));
  const auto refused = running.client().ask("ServerLive", inference::ServerLiveRequest());
  EXPECT_EQ(refused.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_NE(refused.status.error_message().find("this address has 2 calls"), std::string::npos);
  streams.pop_back();
  ASSERT_TRUE(eventually([&] { return running.server->calls() == 1; }));
  EXPECT_TRUE(running.client().ask("ServerLive", inference::ServerLiveRequest()).status.ok());
}

TEST(Limits, TheClientsDeadlineIsTheRequests) {
  RunningGrpc running;
  TimePoint given;
  running.backend.infer_with = [&](const auto& request, auto completion) {
    given = request->deadline;
    completion(FakeBackend::echo(*request));
  };
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(running.client().ask("ModelInfer", infer_request(), {.timeout = std::chrono::seconds(7)}).status.ok());
  EXPECT_GT(given, began + std::chrono::seconds(5));
  EXPECT_LT(given, began + std::chrono::seconds(8));
  running.backend.time = std::chrono::seconds(2);  // the server's own is shorter
  EXPECT_TRUE(running.client().ask("ModelInfer", infer_request()).status.ok());
  EXPECT_LT(given, std::chrono::steady_clock::now() + std::chrono::seconds(3));
}

TEST(Limits, APassedDeadlineFreesItsWork) {
  RunningGrpc running;
  std::shared_ptr<const oip::InferRequest> kept;
  std::function<void(Result<oip::InferAnswer>)> complete;
  running.backend.infer_with = [&](auto request, auto completion) {
    kept = std::move(request);
    complete = std::move(completion);
  };
  const auto reply = running.client().ask("ModelInfer", infer_request(), {.timeout = std::chrono::milliseconds(200)});
  EXPECT_EQ(reply.status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(eventually([&] { return kept->cancel.cancelled() && running.server->calls() == 0; }));
  complete(FakeBackend::echo(*kept));  // too late, and harmless
}

TEST(Limits, AClientThatSendsNoMessageIsLetGo) {
  RunningGrpc running([](ServerOptions& options) { options.limits.message_time = std::chrono::milliseconds(100); });
  const auto client = running.client();
  Stream call(client, method("ModelInfer"));  // a unary method, whose message never comes
  EXPECT_FALSE(call.read());
  const auto status = call.finish();
  EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_NE(status.error_message().find("did not arrive"), std::string::npos);
}

TEST(Limits, ACallWithoutAMessageIsRefused) {
  RunningGrpc running;
  const auto client = running.client();
  Stream call(client, method("ModelInfer"));
  call.writes_done();
  EXPECT_FALSE(call.read());
  EXPECT_EQ(call.finish().error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST(Limits, APortInUseIsToldSo) {
  RunningGrpc running;
  FakeBackend backend;
  ServerOptions options;
  options.host = "127.0.0.1";
  options.port = running.server->port();
  const auto second = GrpcServer::create(options, backend, make_null_log());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_NE(second.error().message.find("port " + std::to_string(options.port) + " is in use"), std::string::npos);

  options.host = "192.0.2.1";
  options.port = 0;
  const auto elsewhere = GrpcServer::create(options, backend, make_null_log());
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace osprey::rpc
