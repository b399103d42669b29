// All rooms together behind gRPC: messages in, predictions out.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "rpc/core_backend.hpp"
#include "running_grpc.hpp"
#include "whole_server.hpp"

namespace osprey {
namespace {

using ::grpc::StatusCode;

/// The whole server with gRPC beside HTTP.
class GrpcBesideHttp {
 public:
  explicit GrpcBesideHttp(std::size_t threads = 2, service::ServiceOptions options = {})
      : whole_(threads, options, [this](server::RouteContext& context) {
          core_ = server::make_oip_core(context);
          metrics_ = context.metrics;
        }) {
    backend_ = std::make_unique<rpc::CoreBackend>(
        core_, std::make_shared<SteadyClock>(),
        [this](auto method, auto status, double seconds) { metrics_->grpc().answered(method, status, seconds); });
    rpc::ServerOptions server_options;
    server_options.host = "127.0.0.1";
    server_options.port = 0;
    grpc_ = std::move(rpc::GrpcServer::create(server_options, *backend_, make_null_log())).value();
  }
  [[nodiscard]] rpc::Client client() const { return rpc::Client(grpc_->port()); }
  [[nodiscard]] WholeServer& whole() { return whole_; }
  [[nodiscard]] rpc::Server& grpc() { return *grpc_; }

 private:
  std::shared_ptr<oip::Core> core_;
  std::shared_ptr<server::Metrics> metrics_;
  WholeServer whole_;
  std::unique_ptr<rpc::CoreBackend> backend_;
  std::unique_ptr<rpc::Server> grpc_;
};

/// A request for predictions on a grey picture.
inference::ModelInferRequest picture_request(std::uint8_t level) {
  inference::ModelInferRequest request;
  request.set_model_name("fake");
  request.set_model_version("1");
  auto& input = *request.add_inputs();
  input.set_name("image");
  input.set_datatype("BYTES");
  input.add_shape(1);
  const std::vector<std::uint8_t> pixels(64 * 48, level);
  const auto png = image::encode_png_grey(pixels, {64, 48});
  input.mutable_contents()->add_bytes_contents(std::string(reinterpret_cast<const char*>(png->data()), png->size()));
  request.add_outputs()->set_name("predictions");
  return request;
}

TEST(Grpc, PredictsWhatTheNativeRoutePredicts) {
  GrpcBesideHttp server;
  const auto reply = server.client().ask("ModelInfer", picture_request(255));
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
  const auto raw = reply.as<inference::ModelInferResponse>().raw_output_contents(0);
  auto answer = Json::parse(raw.substr(4));  // behind the element's length
  const auto over_http =
      server.whole().ask("POST", "/infer/object_detection", WholeServer::detection_body(picture(255)));
  auto native = Json::parse(over_http.body);
  EXPECT_EQ(answer["predictions"][0]["class"], "bright");
  for (auto* each : {&answer, &native}) {
    each->erase("time");
    each->erase("inference_id");
    for (auto& prediction : (*each)["predictions"]) prediction.erase("detection_id");
  }
  EXPECT_EQ(answer, native);
  const auto metrics = server.whole().ask("GET", "/metrics").body;
  EXPECT_NE(metrics.find("osprey_grpc_requests_total{method=\"ModelInfer\",status=\"OK\"} 1"), std::string::npos);
}

TEST(Grpc, IsRefusedUnderOverloadLikeHttp) {
  service::ServiceOptions room;
  room.max_in_flight = 1;
  GrpcBesideHttp server(0, room);  // no compute threads: what is admitted waits
  const auto client = server.client();
  auto waiting = std::async(std::launch::async, [&] {
    return client.ask("ModelInfer", picture_request(255), {.timeout = std::chrono::seconds(2)});
  });
  ASSERT_TRUE(rpc::eventually([&] { return server.whole().scheduler().stats().at(0).queued == 1; }));
  const auto refused = server.client().ask("ModelInfer", picture_request(255));
  EXPECT_EQ(refused.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(refused.trailers.count("grpc-retry-pushback-ms"), 1U);
  EXPECT_TRUE(server.client().ask("ServerLive", inference::ServerLiveRequest()).status.ok());
  EXPECT_EQ(waiting.get().status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  ASSERT_TRUE(rpc::eventually([&] { return server.grpc().calls() == 0; }));
  while (server.whole().scheduler().run_one()) {
  }
  EXPECT_EQ(server.whole().scheduler().stats().at(0).dropped, 1U);  // what nobody waits for any more is not run
}

TEST(Grpc, IsNotReadyWhileTheServerIsNot) {
  GrpcBesideHttp server;
  const auto ready = [&] {
    return server.client()
        .ask("ServerReady", inference::ServerReadyRequest())
        .as<inference::ServerReadyResponse>()
        .ready();
  };
  EXPECT_TRUE(ready());
  server.whole().set_ready(false);
  EXPECT_FALSE(ready());
}

TEST(Grpc, AStopAnswersWhatIsInTheEngine) {
  GrpcBesideHttp server;
  ASSERT_TRUE(server.client().ask("ModelInfer", picture_request(0)).status.ok());
  const auto in_the_engine = [&] {
    const auto lanes = server.whole().scheduler().stats();
    return std::any_of(lanes.begin(), lanes.end(),
                       [](const auto& lane) { return lane.name != "preparation" && lane.running > 0; });
  };
  ASSERT_TRUE(rpc::eventually([&] { return !in_the_engine(); }));
  server.whole().set_gate(false);
  const auto client = server.client();
  auto waiting = std::async(std::launch::async, [&] { return client.ask("ModelInfer", picture_request(255)); });
  ASSERT_TRUE(rpc::eventually(in_the_engine));
  server.grpc().stop(std::chrono::seconds(20));
  server.whole().set_gate(true);
  const auto answered = waiting.get();
  EXPECT_TRUE(answered.status.ok()) << answered.status.error_message();
  EXPECT_EQ(server.grpc().wait(), 0U);
}

}  // namespace
}  // namespace osprey
