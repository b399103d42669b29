// Calls of each method, from bytes to bytes.
#include <gtest/gtest.h>

#include <health.pb.h>

#include "running_grpc.hpp"

namespace osprey::rpc {
namespace {

using ::grpc::StatusCode;

TEST(Calls, TellWhatTheServerIs) {
  RunningGrpc running;
  const auto client = running.client();
  EXPECT_TRUE(client.ask("ServerLive", inference::ServerLiveRequest()).as<inference::ServerLiveResponse>().live());
  EXPECT_TRUE(client.ask("ServerReady", inference::ServerReadyRequest()).as<inference::ServerReadyResponse>().ready());
  const auto metadata =
      client.ask("ServerMetadata", inference::ServerMetadataRequest()).as<inference::ServerMetadataResponse>();
  EXPECT_EQ(metadata.name(), "fake");
  ASSERT_EQ(metadata.extensions_size(), 1);
  EXPECT_EQ(metadata.extensions(0), "model_repository");
}

TEST(Calls, HealthFollowsReadiness) {
  using ::grpc::health::v1::HealthCheckResponse;
  RunningGrpc running;
  const auto client = running.client();
  ::grpc::health::v1::HealthCheckRequest request;
  const auto status = [&] {
    return client.call("/grpc.health.v1.Health/Check", request.SerializeAsString()).as<HealthCheckResponse>().status();
  };
  EXPECT_EQ(status(), HealthCheckResponse::SERVING);
  running.backend.is_ready = false;
  EXPECT_EQ(status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(client.ask("ServerReady", inference::ServerReadyRequest()).as<inference::ServerReadyResponse>().ready());
  request.set_service("inference.GRPCInferenceService");
  EXPECT_EQ(status(), HealthCheckResponse::NOT_SERVING);
  request.set_service("other");
  EXPECT_EQ(client.call("/grpc.health.v1.Health/Check", request.SerializeAsString()).status.error_code(),
            StatusCode::NOT_FOUND);
}

TEST(Calls, TellWhatAModelIs) {
  RunningGrpc running;
  const auto client = running.client();
  inference::ModelMetadataRequest request;
  request.set_name("cats");
  const auto metadata = client.ask("ModelMetadata", request).as<inference::ModelMetadataResponse>();
  EXPECT_EQ(metadata.versions_size(), 2);
  EXPECT_EQ(metadata.platform(), "osprey_tensor");
  ASSERT_EQ(metadata.inputs_size(), 1);
  EXPECT_EQ(metadata.inputs(0).datatype(), "FP32");
  EXPECT_EQ(metadata.inputs(0).shape(0), -1);
  EXPECT_EQ(metadata.outputs(0).datatype(), "BYTES");

  const auto config = client.ask("ModelConfig", request).as<inference::ModelConfigResponse>().config();
  EXPECT_EQ(config.max_batch_size(), 16);
  EXPECT_EQ(config.backend(), "fake");
  ASSERT_EQ(config.input(0).dims_size(), 3);  // the batch goes without saying
  EXPECT_EQ(config.input(0).dims(0), 3);
  EXPECT_EQ(config.output(0).data_type(), inference::TYPE_STRING);

  request.set_name("dogs");
  const auto missing = client.ask("ModelMetadata", request);
  EXPECT_EQ(missing.status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(missing.status.error_message(), "no model 'dogs'");

  inference::ModelReadyRequest ready;
  EXPECT_FALSE(client.ask("ModelReady", ready).as<inference::ModelReadyResponse>().ready());
  ready.set_name("cats");
  EXPECT_TRUE(client.ask("ModelReady", ready).as<inference::ModelReadyResponse>().ready());
}

TEST(Calls, OfTheRepository) {
  RunningGrpc running;
  const auto client = running.client();
  inference::RepositoryIndexRequest index;
  const auto all = client.ask("RepositoryIndex", index).as<inference::RepositoryIndexResponse>();
  ASSERT_EQ(all.models_size(), 2);
  EXPECT_EQ(all.models(0).state(), "READY");
  EXPECT_EQ(all.models(1).name(), "dogs");
  EXPECT_EQ(all.models(1).state(), "UNAVAILABLE");
  EXPECT_EQ(all.models(1).reason(), "loaded on first use");
  index.set_ready(true);
  EXPECT_EQ(client.ask("RepositoryIndex", index).as<inference::RepositoryIndexResponse>().models_size(), 1);
  index.set_repository_name("other");
  EXPECT_EQ(client.ask("RepositoryIndex", index).status.error_code(), StatusCode::UNIMPLEMENTED);

  inference::RepositoryModelLoadRequest load;
  load.set_model_name("cats");
  EXPECT_TRUE(client.ask("RepositoryModelLoad", load).status.ok());
  (*load.mutable_parameters())["config"].set_string_param("{}");
  EXPECT_EQ(client.ask("RepositoryModelLoad", load).status.error_code(), StatusCode::UNIMPLEMENTED);
  inference::RepositoryModelUnloadRequest unload;
  EXPECT_EQ(client.ask("RepositoryModelUnload", unload).status.error_code(), StatusCode::INVALID_ARGUMENT);
  unload.set_model_name("cats");
  (*unload.mutable_parameters())["unload_dependents"].set_bool_param(false);
  EXPECT_TRUE(client.ask("RepositoryModelUnload", unload).status.ok());
}

TEST(Calls, InferenceGivesWhatTheBackendAnswers) {
  RunningGrpc running;
  const auto large = std::string(3'000'000, 'z');
  for (const auto& data : {std::string("abc"), std::string(), large}) {
    const auto reply = running.client().ask("ModelInfer", infer_request(data));
    ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
    const auto response = reply.as<inference::ModelInferResponse>();
    EXPECT_EQ(response.id(), "7");
    EXPECT_EQ(response.raw_output_contents(0), data);
  }
  EXPECT_EQ(running.backend.told(), (std::vector<std::string>(3, "ModelInfer OK")));
}

TEST(Calls, ARequestOutlivesItsCall) {
  RunningGrpc running;
  std::shared_ptr<const oip::InferRequest> kept;
  running.backend.infer_with = [&](auto request, auto completion) {
    kept = request;
    completion(Error{Code::deadline_exceeded, "too late"});
  };
  EXPECT_EQ(running.client().ask("ModelInfer", infer_request("still there")).status.error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  ASSERT_TRUE(eventually([&] { return running.server->calls() == 0; }));
  const auto data = std::get<oip::RawData>(kept->inputs[0].data);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(data.data()), data.size()), "still there");
}

TEST(Calls, ACompletionThatIsLetGoIsAnAnswer) {
  RunningGrpc running;
  running.backend.infer_with = [](const auto&, const auto&) {};
  const auto reply = running.client().ask("ModelInfer", infer_request());
  EXPECT_EQ(reply.status.error_code(), StatusCode::INTERNAL);
  EXPECT_NE(reply.status.error_message().find("lost"), std::string::npos);
}

TEST(Calls, OfUnknownMethodsAreRefused) {
  RunningGrpc running;
  for (const auto* path : {"/inference.GRPCInferenceService/ModelStatistics", "/x/y", "/grpc.health.v1.Health/Watch"}) {
    const auto reply = running.client().call(path, "");
    EXPECT_EQ(reply.status.error_code(), StatusCode::UNIMPLEMENTED);
    EXPECT_NE(reply.status.error_message().find(path), std::string::npos);
  }
}

TEST(Calls, BytesThatAreNoMessageAreRefused) {
  RunningGrpc running;
  for (const auto* name : {"ModelInfer", "ModelMetadata", "RepositoryModelLoad", "RepositoryIndex"}) {
    const auto reply = running.client().call(method(name), "\xFF\xFF\xFF\xFF");
    EXPECT_EQ(reply.status.error_code(), StatusCode::INVALID_ARGUMENT) << name;
  }
}

TEST(Calls, NeedAKeyWhereTheServerIsClosed) {
  RunningGrpc running;
  running.backend.key = "secret";
  const auto client = running.client();
  const auto code = [&](const std::string& name, const CallOptions& options) {
    return client.call(method(name), infer_request().SerializeAsString(), options).status.error_code();
  };
  EXPECT_EQ(code("ModelInfer", {}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("ModelInfer", {.metadata = {{"authorization", "Bearer wrong"}}}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("ModelInfer", {.metadata = {{"authorization", "secret"}}}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("ModelInfer", {.metadata = {{"authorization", "bearer  secret"}}}), StatusCode::OK);
  EXPECT_EQ(code("ModelInfer", {.metadata = {{"api-key", "secret"}}}), StatusCode::OK);
  EXPECT_EQ(code("RepositoryIndex", {}), StatusCode::UNAUTHENTICATED);
  for (const auto* open : {"ServerLive", "ServerReady", "ServerMetadata"}) {
    EXPECT_EQ(client.call(method(open), "").status.error_code(), StatusCode::OK) << open;
  }
  EXPECT_EQ(client.call("/grpc.health.v1.Health/Check", "").status.error_code(), StatusCode::OK);
}

TEST(Calls, BearerKeysAreNotReadWhereThatIsOff) {
  RunningGrpc running([](ServerOptions& options) { options.bearer_keys = false; });
  running.backend.key = "secret";
  const auto code = [&](const CallOptions& options) {
    return running.client().ask("ModelInfer", infer_request(), options).status.error_code();
  };
  EXPECT_EQ(code({.metadata = {{"authorization", "Bearer secret"}}}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code({.metadata = {{"api-key", "secret"}}}), StatusCode::OK);
}

}  // namespace
}  // namespace osprey::rpc
