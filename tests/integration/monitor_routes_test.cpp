// /metrics, /logs, /device/stats and the routes that can be switched off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "whole_server.hpp"

namespace osprey {
namespace {

using testing::HasSubstr;

/// "name{labels}" -> value.
std::map<std::string, double> metrics_of(WholeServer& server) {
  const auto reply = server.ask("GET", "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.header("content-type"), HasSubstr("text/plain; version=0.0.4"));
  std::map<std::string, double> values;
  std::istringstream lines(reply.body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const auto space = line.rfind(' ');
    EXPECT_TRUE(values.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second) << "twice: " << line;
  }
  return values;
}

TEST(Metrics, CountRequestsByRouteMethodAndClassOfStatus) {
  WholeServer server;
  const auto body = server.detection_body(picture(200));
  for (int i = 0; i < 3; ++i) server.ask("POST", "/infer/object_detection", body);
  server.ask("POST", "/infer/object_detection", "{}");
  server.ask("GET", "/nowhere");
  server.ask("GET", "/healthz");
  const auto healthy = server.ask("GET", "/healthz").body.size();
  const auto values = metrics_of(server);
  const std::string route = "http_requests_total{handler=\"/infer/object_detection\",method=\"POST\",status=";
  EXPECT_EQ(values.at(route + "\"2xx\"}"), 3);
  EXPECT_EQ(values.at(route + "\"4xx\"}"), 1);
  EXPECT_EQ(values.at(R"(http_requests_total{handler="none",method="GET",status="4xx"})"), 1);
  EXPECT_EQ(values.at(R"(http_request_duration_seconds_count{handler="/infer/object_detection",method="POST"})"), 4);
  EXPECT_GE(values.at("http_request_duration_highr_seconds_count"), 6);
  EXPECT_EQ(values.at(R"(http_request_size_bytes_count{handler="/infer/object_detection"})"), 4);
  EXPECT_EQ(values.at(R"(http_request_size_bytes_sum{handler="/infer/object_detection"})"), 3 * body.size() + 2);
  EXPECT_EQ(values.at(R"(http_response_size_bytes_count{handler="/healthz"})"), 2);
  EXPECT_EQ(values.at(R"(http_response_size_bytes_sum{handler="/healthz"})"), 2 * healthy);
}

TEST(Metrics, CountImagesStagesQueuesAndBatchesOfModels) {
  WholeServer server;
  for (int i = 0; i < 3; ++i) server.ask("POST", "/fake/1", picture(200));
  server.ask("POST", "/fake/1", "this is no image");
  const auto values = metrics_of(server);
  EXPECT_EQ(values.at(R"(osprey_images_total{model="fake/1"})"), 3);
  EXPECT_EQ(values.at("num_inferences_fake_1"), 3);
  EXPECT_GT(values.at("avg_inference_time_fake_1"), 0);
  EXPECT_EQ(values.at("num_errors_fake_1"), 1);
  EXPECT_EQ(values.at("num_inferences_total"), 3);
  EXPECT_EQ(values.at(R"(osprey_prediction_errors_total{model="fake/1",reason="invalid_argument"})"), 1);
  for (const char* stage : {"load", "preprocess", "network", "decode"}) {
    EXPECT_EQ(values.at("osprey_stage_seconds_count{stage=\"" + std::string(stage) + "\"}"), 3) << stage;
  }
  EXPECT_EQ(values.at(R"(osprey_queue_depth{lane="fake/1"})"), 0);
  EXPECT_EQ(values.at(R"(osprey_jobs_total{lane="fake/1"})"), 3);
  EXPECT_GE(values.at(R"(osprey_batches_total{lane="fake/1"})"), 1);
  for (const char* lane : {"preparation", "fake/1"}) {
    const std::string label = "{lane=\"" + std::string(lane) + "\"}";
    EXPECT_GT(values.at("osprey_busy_seconds_total" + label), 0) << lane;
    EXPECT_GT(values.at("osprey_queue_seconds_total" + label), 0) << lane;
    EXPECT_GT(values.at("osprey_recent_queue_seconds" + label), 0) << lane;
    EXPECT_GT(values.at("osprey_lane_utilization" + label), 0) << lane;
    EXPECT_LT(values.at("osprey_lane_utilization" + label), values.at("osprey_utilization")) << lane;
  }
  EXPECT_LE(values.at("osprey_utilization"), 1);
  EXPECT_EQ(values.at("osprey_models_live"), 1);
  EXPECT_GT(values.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(values.at("process_open_fds"), 3);
}

TEST(Metrics, DoNotGrowWithWhatClientsMakeUp) {
  WholeServer server;
  const auto before = metrics_of(server).size();
  for (int i = 0; i < 40; ++i) {
    server.ask("GET", "/nowhere" + std::to_string(i));
    server.ask("POST", "/made-up/" + std::to_string(i), picture(200));
    server.ask("ODD" + std::to_string(i), "/healthz");
  }
  EXPECT_LT(metrics_of(server).size(), before + 40);
}

TEST(Logs, AreNotFoundUnlessTheyAreKept) {
  WholeServer server;
  const auto reply = server.ask("GET", "/logs");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"detail":"Logs endpoint not available"})");
}

class KeptLogsTest : public testing::Test {
 protected:
  Json ask(const std::string& query) { return Json::parse(server_.ask("GET", "/logs" + query).body); }

  std::shared_ptr<LogRing> ring_ = std::make_shared<LogRing>(10);
  WholeServer server_{2, {}, [this](server::RouteContext& context) { context.logs = ring_; }};
  Log log_ = std::make_shared<spdlog::logger>("osprey", ring_->sink());
};

TEST_F(KeptLogsTest, TellTheNewestOldestFirst) {
  for (const char* line : {"one", "two", "three"}) log_->info(line);
  const auto answer = ask("?limit=2");
  EXPECT_EQ(answer["total_count"], 2);
  EXPECT_EQ(answer["logs"][0]["message"], "two");
  EXPECT_EQ(answer["logs"][1]["message"], "three");
  for (const char* key : {"timestamp", "level", "logger", "message", "module", "line"}) {
    EXPECT_TRUE(answer["logs"][0].contains(key)) << key;
  }
}

TEST_F(KeptLogsTest, AreChosenByLevelAndTime) {
  log_->info("one");
  log_->warn("two");
  const auto warnings = ask("?level=WARNING");
  ASSERT_EQ(warnings["logs"].size(), 1U);
  EXPECT_EQ(warnings["logs"][0]["message"], "two");
  EXPECT_EQ(ask("?level=warning")["total_count"], 0);
  const auto all = ask("");
  const std::string first = all["logs"][0]["timestamp"];
  EXPECT_EQ(ask("?since=" + first)["total_count"], 1);
}

TEST_F(KeptLogsTest, RefuseALimitThatIsNoNumber) {
  const auto reply = server_.ask("GET", "/logs?limit=many");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(Json::parse(reply.body)["detail"][0]["loc"], (Json{"query", "limit"}));
}

TEST(DeviceStats, AreNotReadAndSaySo) {
  WholeServer server;
  const auto reply = server.ask("GET", "/device/stats");
  EXPECT_EQ(reply.status, 404);
  const auto body = Json::parse(reply.body);
  EXPECT_TRUE(body["error"].is_string());
  EXPECT_TRUE(body["hint"].is_string());
}

TEST(RouteSwitches, TakeRoutesAndInputsAway) {
  WholeServer server(2, {}, [](server::RouteContext& context) { context.switches = {false, false, false}; });
  EXPECT_EQ(server.ask("GET", "/model/registry").status, 404);
  EXPECT_EQ(server.ask("POST", "/fake/1", picture(200)).status, 405);
  const Json body{{"model_id", "fake/1"}, {"image", {{"type", "numpy"}, {"value", "gASV"}}}};
  const auto reply = server.ask("POST", "/infer/object_detection", body.dump());
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("NumPy image type is not supported"));
}

}  // namespace
}  // namespace osprey
