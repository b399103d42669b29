#include <gtest/gtest.h>

#include "whole_server.hpp"

namespace osprey {
namespace {

class ManagementRoutesTest : public testing::Test {
 protected:
  std::vector<std::string> models(const http::Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::string> ids;
    const auto answer = Json::parse(reply.body);
    for (const auto& model : answer["models"]) ids.push_back(model["model_id"]);
    return ids;
  }
  WholeServer server;
};

using Ids = std::vector<std::string>;

TEST_F(ManagementRoutesTest, AddsRemovesAndClearsModels) {
  EXPECT_EQ(models(server.ask("GET", "/model/registry")), Ids{});
  EXPECT_EQ(models(server.ask("POST", "/model/add", R"({"model_id":"fake/2","api_key":null})")), Ids{"fake/2"});
  EXPECT_EQ(models(server.ask("POST", "/model/add", R"({"model_id":"fake/1"})")), (Ids{"fake/2", "fake/1"}));
  EXPECT_EQ(models(server.ask("POST", "/model/add", R"({"model_id":"fake/1"})")), (Ids{"fake/2", "fake/1"}));
  EXPECT_EQ(models(server.ask("POST", "/model/remove", R"({"model_id":"fake/2"})")), Ids{"fake/1"});
  EXPECT_EQ(models(server.ask("POST", "/model/remove", R"({"model_id":"zebra/9"})")), Ids{"fake/1"})
      << "not loaded is no error";
  EXPECT_EQ(models(server.ask("POST", "/model/clear", "", "")), Ids{});
}

TEST_F(ManagementRoutesTest, DescribesALiveModel) {
  (void)server.ask("POST", "/model/add", R"({"model_id":"fake/1"})");
  const auto model = Json::parse(server.ask("GET", "/model/registry?api_key=None").body)["models"][0];
  EXPECT_EQ(model["task_type"], "object-detection");
  EXPECT_EQ(model["input_width"], 32);
  EXPECT_EQ(model["request_paths"].dump(), R"(["/model/add"])");
}

TEST_F(ManagementRoutesTest, RefusesABodyWithoutAModel) {
  EXPECT_EQ(server.ask("POST", "/model/add", "{}").status, 422);
  EXPECT_EQ(server.ask("POST", "/model/remove", "").status, 422);
  EXPECT_EQ(server.ask("POST", "/model/add", R"({"model_id":"zebra/1"})").status, 404);
}

TEST_F(ManagementRoutesTest, NamesWhatIsWrongWithABrokenPackage) {
  std::filesystem::remove(server.models() / "fake/1/class_names.txt");
  const auto reply = server.ask("POST", "/model/add", R"({"model_id":"fake/1"})");
  EXPECT_EQ(reply.status, 500);
  EXPECT_NE(reply.body.find("class_names.txt"), std::string::npos) << reply.body;
}

TEST_F(ManagementRoutesTest, TellsAboutItself) {
  EXPECT_EQ(server.ask("GET", "/info").body, R"({"name":"Osprey Inference Server","version":"1.2.3","uuid":"the-id"})");
  EXPECT_EQ(server.ask("GET", "/healthz").body, R"({"status":"healthy"})");
  EXPECT_EQ(server.ask("GET", "/").status, 200);
  EXPECT_EQ(server.ask("GET", "/start/fake/1").status, 200);
  EXPECT_EQ(server.ask("GET", "/clear_cache").body, R"("Cache Cleared")");
}

TEST_F(ManagementRoutesTest, IsNotReadyUntilItSaysSo) {
  EXPECT_EQ(server.ask("GET", "/readiness").body, R"({"status":"ready"})");
  server.set_ready(false);
  const auto reply = server.ask("GET", "/readiness");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"status":"not ready"})");
}

TEST_F(ManagementRoutesTest, RefusesUnknownPathsAndMethods) {
  EXPECT_EQ(server.ask("GET", "/nowhere").body, R"({"detail":"Not Found"})");
  EXPECT_EQ(server.ask("POST", "/nowhere").status, 405);
  EXPECT_EQ(server.ask("DELETE", "/info").body, R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(server.ask("GET", "/model/add", "", "").status, 400)
      << "a GET of two segments is a prediction of the older route";
}

TEST_F(ManagementRoutesTest, AnswersHeadAsGet) {
  auto client = server.connect();
  ASSERT_TRUE(client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto reply = client.read(true);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->header("Content-Length"), "20");
}

}  // namespace
}  // namespace osprey
