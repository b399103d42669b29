// Calls of a client to a server that answers as it is told.
#include <atomic>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_stand_in.hpp"

namespace osprey::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

TEST(Client, PredictsOnAnImage) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
  auto client = client_for(options_for(server));
  const auto found = client.infer(any_image(), "cats/1", {});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found.value().detections.size(), 1U);
  EXPECT_EQ(found.value().detections[0].class_name, "cat");
  const auto sent = server.requests("/infer/object_detection");
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].headers.find("Content-Type"), "application/json");
  EXPECT_EQ(nlohmann::json::parse(sent[0].body)["model_id"], "cats/1");
}

TEST(Client, SeveralImagesAreOneRequest) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, "[" + kOneCat + "," + kOneCat + "]"); });
  auto client = client_for(options_for(server));
  const std::vector images{any_image(), any_image()};
  const auto found = client.infer(images, "cats/1");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found.value().size(), 2U);
  EXPECT_EQ(server.requests("/infer/object_detection").size(), 1U);
}

TEST(Client, AsksForAModelsTaskOnce) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
  auto client = client_for(options_for(server));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.infer(any_image(), "cats/1"));
  EXPECT_EQ(server.requests("/model/add").size(), 1U);
  InferOptions told;
  told.task = Task::classification;
  EXPECT_TRUE(client.infer(any_image(), "other/1", told));
  EXPECT_EQ(server.requests("/model/add").size(), 1U);
  EXPECT_EQ(server.requests("/infer/classification").size(), 1U);
}

TEST(Client, SendsItsKey) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
  auto options = options_for(server);
  options.api_key = "secret";
  auto client = client_for(options);
  EXPECT_TRUE(client.infer(any_image(), "cats/1"));
  for (const std::string path : {"/model/add", "/infer/object_detection"}) {
    const auto sent = server.requests(path);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].headers.find("Authorization"), "Bearer secret");
    EXPECT_EQ(nlohmann::json::parse(sent[0].body)["api_key"], "secret");
  }
}

TEST(Client, TriesAgainWhereThereIsNoCapacity) {
  std::atomic<int> calls{0};
  ServerStandIn server([&](const http::Request&) {
    return ++calls < 3 ? answer_with(calls == 1 ? 503 : 429, R"({"message":"busy"})") : answer_with(200, kOneCat);
  });
  auto client = client_for(options_for(server));
  EXPECT_TRUE(client.infer(any_image(), "cats/1"));
  EXPECT_EQ(calls, 3);
}

TEST(Client, GivesUpAfterTheLastAttempt) {
  std::atomic<int> calls{0};
  ServerStandIn server([&](const http::Request&) {
    ++calls;
    return answer_with(503, R"({"message":"busy"})");
  });
  auto options = options_for(server);
  options.retries.attempts = 3;
  auto client = client_for(options);
  const auto found = client.infer(any_image(), "cats/1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::overloaded);
  EXPECT_EQ(found.error().message, "busy");
  EXPECT_EQ(found.error().http_status, 503);
  EXPECT_EQ(calls, 3);
}

TEST(Client, WaitsAsLongAsTheServerAsks) {
  std::atomic<int> calls{0};
  ServerStandIn server([&](const http::Request&) {
    if (++calls > 1) return answer_with(200, kOneCat);
    auto response = answer_with(503, "{}");
    response.headers.add("Retry-After", "1");
    return response;
  });
  auto client = client_for(options_for(server));
  const auto before = steady_clock::now();
  EXPECT_TRUE(client.infer(any_image(), "cats/1"));
  EXPECT_GE(steady_clock::now() - before, milliseconds(1'000));
}

TEST(Client, DoesNotWaitForLongerThanItIsAllowedTo) {
  ServerStandIn server([&](const http::Request&) {
    auto response = answer_with(503, "{}");
    response.headers.add("Retry-After", "60");
    return response;
  });
  auto client = client_for(options_for(server));
  const auto found = client.infer(any_image(), "cats/1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().retry_after, std::chrono::seconds(60));
  EXPECT_EQ(server.requests("/infer/object_detection").size(), 1U);
}

TEST(Client, OtherErrorsAreNotTriedAgain) {
  for (const int status : {400, 422, 500}) {
    ServerStandIn server([&](const http::Request&) { return answer_with(status, R"({"message":"no"})"); });
    auto client = client_for(options_for(server));
    const auto found = client.infer(any_image(), "cats/1");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().http_status, status);
    EXPECT_EQ(server.requests("/infer/object_detection").size(), 1U);
  }
}

TEST(Client, TellsWhereNobodyListens) {
  Options options;
  {
    const ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
    options = options_for(server);  // its port is free again
  }
  auto client = client_for(options);
  const auto found = client.infer(any_image(), "cats/1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::unreachable);
  EXPECT_THAT(found.error().message, HasSubstr(options.url));
}

TEST(Client, AnAnswerHasItsTime) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
  auto options = options_for(server);
  options.timeout = milliseconds(150);
  auto client = client_for(options);
  ASSERT_TRUE(client.load_model("cats/1"));
  server.hold();
  const auto before = steady_clock::now();
  const auto found = client.infer(any_image(), "cats/1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::timeout);
  EXPECT_THAT(found.error().message, HasSubstr("150 ms"));
  EXPECT_GE(steady_clock::now() - before, milliseconds(150));
  server.release();
}

TEST(Client, AStopTokenEndsACall) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
  auto client = client_for(options_for(server));
  server.hold();
  std::stop_source stop;
  InferOptions options;
  options.stop = stop.get_token();
  const std::jthread stopper([&] {
    EXPECT_TRUE(http::eventually([&] { return server.held() == 1; }));
    stop.request_stop();
  });
  const auto found = client.infer(any_image(), "cats/1", options);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::cancelled);
  server.release();
}

TEST(Client, TooLargeAnAnswerIsNotTaken) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, std::string(5'000, ' ') + kOneCat); });
  auto options = options_for(server);
  options.max_answer_bytes = 5'000;
  auto client = client_for(options);
  const auto found = client.infer(any_image(), "cats/1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::bad_answer);
  EXPECT_THAT(found.error().message, HasSubstr("5000 bytes"));
}

TEST(Client, ARedirectIsToldOf) {
  ServerStandIn server([](const http::Request&) {
    auto response = answer_with(301, "");
    response.headers.add("Location", "https://example.org/infer");
    return response;
  });
  auto client = client_for(options_for(server));
  const auto found = client.infer(any_image(), "cats/1");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("https://example.org/infer: use that URL"));
}

TEST(Client, ListsModels) {
  ServerStandIn server([](const http::Request&) { return answer_with(200, kOneCat); });
  auto client = client_for(options_for(server));
  const auto models = client.list_models();
  ASSERT_TRUE(models);
  ASSERT_EQ(models.value().size(), 1U);
  EXPECT_EQ(models.value()[0].model_id, "cats/1");
  EXPECT_EQ(models.value()[0].task, Task::object_detection);
  EXPECT_EQ(models.value()[0].input_width, 32);
  EXPECT_EQ(models.value()[0].input_height, std::nullopt);
  EXPECT_TRUE(client.unload_model("cats/1"));
  EXPECT_EQ(server.requests("/model/remove").size(), 1U);
  EXPECT_TRUE(client.unload_all_models());
  EXPECT_EQ(server.requests("/model/clear").size(), 1U);
}

TEST(Client, OptionsThatCannotBeAreRefused) {
  const auto refusal = [](auto change) {
    Options options;
    change(options);
    const auto client = Client::create(options);
    return client ? std::string("taken") : client.error().message;
  };
  EXPECT_THAT(refusal([](Options& o) { o.url = "localhost:9001"; }), HasSubstr("no URL of a server"));
  EXPECT_THAT(refusal([](Options& o) { o.url = "ftp://localhost"; }), HasSubstr("no URL of a server"));
  EXPECT_THAT(refusal([](Options& o) { o.url = "http://localhost?x=1"; }), HasSubstr("more than a server's address"));
  EXPECT_THAT(refusal([](Options& o) { o.max_connections = 0; }), HasSubstr("max_connections"));
  EXPECT_THAT(refusal([](Options& o) { o.retries.attempts = 0; }), HasSubstr("attempts"));
  EXPECT_THAT(refusal([](Options& o) { o.api_key = "a\r\nX: y"; }), HasSubstr("line break"));
  EXPECT_EQ(refusal([](Options& o) { o.url = "https://example.org/prefix/"; }), "taken");
}

}  // namespace
}  // namespace osprey::client
