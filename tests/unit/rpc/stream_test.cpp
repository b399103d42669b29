#include <gtest/gtest.h>

#include <atomic>

#include "running_grpc.hpp"

namespace osprey::rpc {
namespace {

using inference::ModelStreamInferResponse;

ModelStreamInferResponse parsed(const std::optional<std::string>& bytes) {
  ModelStreamInferResponse response;
  EXPECT_TRUE(bytes && response.ParseFromString(*bytes));
  return response;
}

TEST(Stream, AnswersEachMessageInOrder) {
  RunningGrpc running;
  const auto client = running.client();
  Stream stream(client, method("ModelStreamInfer"));
  for (const auto* data : {"one", "two"}) {
    ASSERT_TRUE(stream.write(infer_request(data).SerializeAsString()));
    EXPECT_EQ(parsed(stream.read()).infer_response().raw_output_contents(0), data);
  }
  ASSERT_TRUE(stream.write(infer_request("three").SerializeAsString()));
  ASSERT_TRUE(stream.write(infer_request("four").SerializeAsString()));  // before the third is answered
  stream.writes_done();
  EXPECT_EQ(parsed(stream.read()).infer_response().raw_output_contents(0), "three");
  EXPECT_EQ(parsed(stream.read()).infer_response().raw_output_contents(0), "four");
  EXPECT_FALSE(stream.read());
  EXPECT_TRUE(stream.finish().ok());
}

TEST(Stream, WaitsForAnswersThatComeFromAnotherThread) {
  RunningGrpc running;
  running.backend.infer_with = [](const auto& request, auto completion) {
    std::thread([request, completion] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      completion(FakeBackend::echo(*request));
    }).detach();
  };
  const auto client = running.client();
  Stream stream(client, method("ModelStreamInfer"));
  for (const auto* data : {"one", "two"}) {
    ASSERT_TRUE(stream.write(infer_request(data).SerializeAsString()));
    EXPECT_EQ(parsed(stream.read()).infer_response().raw_output_contents(0), data);
  }
}

TEST(Stream, GoesOnAfterAnError) {
  RunningGrpc running;
  running.backend.infer_with = [](const auto& request, auto completion) {
    if (request->inputs[0].shape[0] == 0) return completion(Error{Code::invalid_argument, "empty"});
    completion(FakeBackend::echo(*request));
  };
  const auto client = running.client();
  Stream stream(client, method("ModelStreamInfer"));
  ASSERT_TRUE(stream.write(infer_request("").SerializeAsString()));
  const auto refused = parsed(stream.read());
  EXPECT_EQ(refused.error_message(), "empty");
  EXPECT_EQ(refused.infer_response().id(), "7");
  ASSERT_TRUE(stream.write("\xFF\xFF"));
  EXPECT_NE(parsed(stream.read()).error_message(), "");
  running.backend.admits = Error{Code::overloaded, "full"};
  ASSERT_TRUE(stream.write(infer_request("a").SerializeAsString()));
  EXPECT_EQ(parsed(stream.read()).error_message(), "full");
  running.backend.admits = Status();
  ASSERT_TRUE(stream.write(infer_request("a").SerializeAsString()));
  EXPECT_EQ(parsed(stream.read()).infer_response().raw_output_contents(0), "a");
}

TEST(Stream, ThatIsIdleForTooLongIsEnded) {
  RunningGrpc running([](ServerOptions& options) { options.limits.idle_time = std::chrono::milliseconds(1500); });
  const auto client = running.client();
  Stream stream(client, method("ModelStreamInfer"));
  ASSERT_TRUE(stream.write(infer_request("a").SerializeAsString()));
  EXPECT_TRUE(stream.read());
  EXPECT_FALSE(stream.read());
  EXPECT_NE(stream.finish().error_message().find("no message for too long"), std::string::npos);
}

TEST(Stream, WhoseClientLeavesIsCancelled) {
  RunningGrpc running;
  std::shared_ptr<const oip::InferRequest> kept;
  std::function<void(Result<oip::InferAnswer>)> complete;
  std::atomic<bool> begun{false};
  running.backend.infer_with = [&](auto request, auto completion) {
    kept = std::move(request);
    complete = std::move(completion);
    begun = true;
  };
  const auto client = running.client();
  Stream stream(client, method("ModelStreamInfer"));
  ASSERT_TRUE(stream.write(infer_request("a").SerializeAsString()));
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  stream.cancel();
  EXPECT_TRUE(eventually([&] { return kept->cancel.cancelled() && running.server->calls() == 0; }));
  complete(FakeBackend::echo(*kept));
}

}  // namespace
}  // namespace osprey::rpc
