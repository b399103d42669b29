// The Open Inference Protocol over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "whole_server.hpp"

namespace osprey {
namespace {

using testing::HasSubstr;

constexpr std::size_t kPixels = std::size_t{3} * kFakeInput * kFakeInput;
constexpr const char* kInfer = "/v2/models/fake/versions/1/infer";

std::string image_body(const std::string& base64, const std::string& more = "") {
  return R"({"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":[")" + base64 + R"("]}])" + more + "}";
}

std::string tensor_body(float value) {
  const Json input{{"name", "images"},
                   {"datatype", "FP32"},
                   {"shape", {1, 3, kFakeInput, kFakeInput}},
                   {"data", std::vector<float>(kPixels, value)}};
  return Json{{"inputs", {input}}}.dump();
}

class OipRoutesTest : public testing::Test {
 protected:
  Json get(const std::string& target, int status = 200) {
    const auto reply = server.ask("GET", target);
    EXPECT_EQ(reply.status, status) << target << " " << reply.body;
    return Json::parse(reply.body, nullptr, false);
  }
  Json post(const std::string& target, const std::string& body, int status = 200) {
    const auto reply = server.ask("POST", target, body);
    EXPECT_EQ(reply.status, status) << target << " " << reply.body;
    return Json::parse(reply.body, nullptr, false);
  }
  WholeServer server;
};

TEST_F(OipRoutesTest, TellHealthAndWhatTheServerIs) {
  EXPECT_EQ(get("/v2/health/live")["live"], true);
  EXPECT_EQ(get("/v2/health/ready")["ready"], true);
  const auto told = get("/v2");
  EXPECT_EQ(told["name"], "osprey");
  EXPECT_EQ(told["version"], "1.2.3");
  EXPECT_THAT(told["extensions"].dump(), HasSubstr("binary_tensor_data"));
  server.set_ready(false);
  EXPECT_EQ(get("/v2/health/ready", 503)["ready"], false);
  EXPECT_EQ(get("/v2/health/live")["live"], true);
}

TEST_F(OipRoutesTest, NameModelsInEveryWay) {
  for (const char* path :
       {"/v2/models/fake/versions/2", "/v2/models/fake/2", "/v2/models/fake%2F2", "/v2/models/fake"}) {
    const auto model = get(path);
    EXPECT_EQ(model["name"], "fake") << path;
    EXPECT_EQ(model["versions"].dump(), R"(["1","2"])") << path;
    EXPECT_EQ(get(std::string(path) + "/ready")["ready"], true) << "the metadata loaded it";
    EXPECT_EQ(get(std::string(path) + "/config")["input"][0]["data_type"], "TYPE_STRING");
    const auto answer = post(std::string(path) + "/infer", image_body(picture(255)));
    EXPECT_EQ(answer["model_version"], "2") << path;
  }
  EXPECT_EQ(get("/v2/models/fake.raw")["inputs"][0]["name"], "images");
  EXPECT_EQ(get("/v2/models/fake/versions/1/ready", 503)["ready"], false);
}

TEST_F(OipRoutesTest, AnswerAPictureWithThePredictionsOfTheNativeRoute) {
  const auto native =
      Json::parse(server.ask("POST", "/infer/object_detection", WholeServer::detection_body(picture(255))).body);
  const auto answer = post(kInfer, image_body(picture(255), R"(,"id":"mine")"));
  EXPECT_EQ(answer["id"], "mine");
  ASSERT_EQ(answer["outputs"][0]["name"], "predictions");
  auto own = Json::parse(answer["outputs"][0]["data"][0].get<std::string>());
  EXPECT_EQ(own["inference_id"], "mine");
  auto found = own["predictions"][0];
  auto expected = native["predictions"][0];
  found.erase("detection_id");
  expected.erase("detection_id");
  EXPECT_EQ(found, expected);
  EXPECT_EQ(own["image"], native["image"]);
  EXPECT_EQ(own["resolved_model"], native["resolved_model"]);
  EXPECT_EQ(answer["outputs"][4]["name"], "boxes");
  EXPECT_EQ(answer["outputs"][4]["data"].dump(), "[16,12,48,36]");
}

TEST_F(OipRoutesTest, TakeAndGiveTensorsInBinaryForm) {
  const std::vector<float> values(kPixels, 0.75F);
  const std::string json =
      R"({"inputs":[{"name":"images","datatype":"FP32","shape":[1,3,32,32],"parameters":{"binary_data_size":12288}}],)"
      R"("outputs":[{"name":"output0","parameters":{"binary_data":true}}]})";
  const std::string body = json + std::string(reinterpret_cast<const char*>(values.data()), kPixels * sizeof(float));
  const auto reply = server.ask("POST", "/v2/models/fake.raw/versions/1/infer", body,
                                "Content-Type: application/octet-stream\r\nInference-Header-Content-Length: " +
                                    std::to_string(json.size()) + "\r\n");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("Content-Type"), "application/octet-stream");
  const auto json_size = std::stoul(reply.header("Inference-Header-Content-Length"));
  const auto told = Json::parse(reply.body.substr(0, json_size));
  EXPECT_EQ(told["model_name"], "fake.raw");
  EXPECT_EQ(told["outputs"][0]["shape"].dump(), "[1,6,1]");
  EXPECT_EQ(told["outputs"][0]["parameters"]["binary_data_size"], 24);
  std::vector<float> out(6);
  ASSERT_EQ(reply.body.size(), json_size + 24);
  std::memcpy(out.data(), reply.body.data() + json_size, 24);
  EXPECT_THAT(out, testing::ElementsAre(16, 16, 16, 16, 0.25F, 0.75F));
  EXPECT_EQ(post("/v2/models/fake.raw/infer", tensor_body(0.75F))["outputs"][0]["data"].dump(),
            "[16,16,16,16,0.25,0.75]");
}

TEST_F(OipRoutesTest, ListLoadAndUnloadTheRepository) {
  EXPECT_EQ(post("/v2/repository/index", R"({"ready":true})").dump(), "[]");
  EXPECT_EQ(post("/v2/repository/index", "").size(), 4U) << "two models of two views";
  (void)post("/v2/repository/models/fake/load", "{}");
  const auto ready = post("/v2/repository/index", R"({"ready":true})");
  ASSERT_EQ(ready.size(), 2U);
  EXPECT_EQ(ready[0].dump(), R"({"name":"fake","version":"2","state":"READY","reason":""})");
  EXPECT_EQ(ready[1]["name"], "fake.raw");
  (void)post("/v2/repository/models/fake/1/load", "");
  EXPECT_EQ(server.registry().list().size(), 2U);
  (void)post("/v2/repository/models/fake/unload", R"({"parameters":{"unload_dependents":true}})");
  EXPECT_EQ(server.registry().list().size(), 0U);
  EXPECT_THAT(post("/v2/repository/models/fake/load", R"({"parameters":{"config":"{}"}})", 400)["error"].dump(),
              HasSubstr("takes no 'config'"));
  EXPECT_TRUE(post("/v2/repository/models/zebra/load", "{}", 404).contains("error"));
}

TEST_F(OipRoutesTest, RefuseInTheProtocolsForm) {
  const auto good = image_body(picture(255));
  EXPECT_TRUE(post("/v2/models/zebra/infer", good, 404).contains("error"));
  EXPECT_TRUE(post("/v2/models/..%2Ffake/infer", good, 400).contains("error"));
  EXPECT_TRUE(post(kInfer, "{", 400).contains("error"));
  EXPECT_TRUE(post(kInfer, "", 400).contains("error"));
  EXPECT_TRUE(post(kInfer, tensor_body(1), 400).contains("error"));
  EXPECT_TRUE(post(kInfer, image_body("@@@"), 400).contains("error"));
  EXPECT_TRUE(get("/v2/models/zebra", 404).contains("error"));
  EXPECT_TRUE(get("/v2/systemsharedmemory/status", 404).contains("error"));
  EXPECT_TRUE(post("/v2/models/fake/generate", "{}", 404).contains("error"));
  const auto packed = server.ask("POST", kInfer, good, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n");
  EXPECT_EQ(packed.status, 400);
  EXPECT_THAT(packed.body, HasSubstr("Content-Encoding"));
  EXPECT_EQ(server.ask("POST", kInfer, good).status, 200) << "the server is as it was";
}

TEST_F(OipRoutesTest, CountWhatTheyPredict) {
  (void)post(kInfer, image_body(picture(255)));
  (void)post("/v2/models/fake.raw/versions/1/infer", tensor_body(0.5F));
  const auto metrics = server.ask("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("osprey_images_total{model=\"fake/1\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("/v2/models/{name}/versions/{version}/infer"));
}

TEST_F(OipRoutesTest, TellAColdStart) {
  EXPECT_EQ(server.ask("POST", kInfer, image_body(picture(255))).header("X-Model-Cold-Start"), "true");
  const auto warm = server.ask("POST", kInfer, image_body(picture(255)));
  EXPECT_EQ(warm.header("X-Model-Cold-Start"), "false");
  EXPECT_EQ(warm.header("X-Model-Id"), "fake/1");
}

TEST(OipRoutes, NeedAKeyWhereTheServerIsClosedButForHealth) {
  WholeServer server(2, {}, [](server::RouteContext& context) {
    context.access = std::make_shared<server::Access>(std::vector<std::string>{"secret"}, true);
  });
  for (const char* path : {"/v2", "/v2/health/live", "/v2/health/ready"}) {
    EXPECT_EQ(server.ask("GET", path).status, 200) << path;
  }
  const auto refused = server.ask("POST", kInfer, image_body(picture(255)));
  EXPECT_EQ(refused.status, 401);
  EXPECT_TRUE(Json::parse(refused.body).contains("error"));
  EXPECT_EQ(server.ask("GET", "/v2/models/fake").status, 401);
  EXPECT_EQ(server.ask("POST", "/v2/repository/index").status, 401);
  EXPECT_EQ(server.ask("POST", kInfer, image_body(picture(255)), "Authorization: Bearer secret\r\n").status, 200);
  EXPECT_EQ(server.ask("GET", "/v2/models/fake?api_key=secret").status, 200);
}

TEST(OipRoutes, HoldTheLimitsOfImages) {
  WholeServer server(2, {}, [](server::RouteContext& context) { context.max_images = 2; });
  const Json input{
      {"name", "image"}, {"datatype", "BYTES"}, {"shape", {3}}, {"data", {picture(1), picture(2), picture(3)}}};
  const auto reply = server.ask("POST", kInfer, Json{{"inputs", {input}}}.dump());
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(reply.body, HasSubstr("limit of 2"));
}

TEST(OipRoutes, AreRefusedWhenThereIsNoRoom) {
  service::ServiceOptions options;
  options.max_in_flight = 1;
  WholeServer server(0, options);  // nothing runs
  auto first = server.connect();
  ASSERT_TRUE(first.send(WholeServer::message("POST", kInfer, image_body(picture(255)))));
  ASSERT_TRUE(http::eventually([&] { return server.scheduler().stats().at(0).queued == 1; }));
  const auto reply = server.ask("POST", kInfer, image_body(picture(255)));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("Retry-After"), "1");
  EXPECT_TRUE(Json::parse(reply.body).contains("error"));
}

TEST(OipRoutes, StopWorkForAClientThatLeaves) {
  WholeServer server;
  server.ask("POST", kInfer, image_body(picture(255)));
  server.set_gate(false);
  {
    auto client = server.connect();
    client.send(WholeServer::message("POST", "/v2/models/fake.raw/versions/1/infer", tensor_body(0.5F)));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }  // hangs up
  server.set_gate(true);
  EXPECT_EQ(server.ask("POST", kInfer, image_body(picture(255))).status, 200);
}

TEST(OipRoutes, KeepAModelThatIsUnloadedForWhoUsesIt) {
  WholeServer server;
  server.ask("POST", kInfer, image_body(picture(255)));
  server.set_gate(false);
  auto client = server.connect();
  client.send(WholeServer::message("POST", "/v2/models/fake.raw/versions/1/infer", tensor_body(0.75F)));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(server.ask("POST", "/v2/repository/models/fake/versions/1/unload").status, 404) << "no such route";
  EXPECT_EQ(server.ask("POST", "/v2/repository/models/fake/1/unload").status, 200);
  EXPECT_TRUE(server.registry().list().empty());
  server.set_gate(true);
  const auto reply = client.read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200) << reply->body;
}

}  // namespace
}  // namespace osprey
