// Whole-server keys, and the key that a model's registry is asked with.
#include "server/access.hpp"

#include <gtest/gtest.h>

#include "whole_server.hpp"

namespace osprey {
namespace {

http::Request request_with(const std::string& authorization, const std::optional<std::string>& query_key) {
  http::Request request;
  if (!authorization.empty()) request.headers.add("authorization", authorization);
  if (query_key) request.query.emplace_back("api_key", *query_key);
  return request;
}

server::Access open_access(bool from_headers = true) {
  return {std::vector<std::string>{}, from_headers};
}

TEST(RegistryKey, OfTheQueryGoesBeforeTheHeaderAndThatBeforeTheBody) {
  const auto access = open_access();
  EXPECT_EQ(access.registry_key(request_with("Bearer h", "q"), true, "b"), "q");
  EXPECT_EQ(access.registry_key(request_with("Bearer h", {}), true, "b"), "h");
  EXPECT_EQ(access.registry_key(request_with("", {}), true, "b"), "b");
  EXPECT_EQ(access.registry_key(request_with("", {}), true, std::nullopt), "");
}

TEST(RegistryKey, OfTheQueryIsIgnoredWhereTheRouteDoesNotReadIt) {
  EXPECT_EQ(open_access().registry_key(request_with("", "q"), false, "b"), "b");
}

TEST(RegistryKey, IsReadFromBearerHeadersInAnyCaseAndTrimmed) {
  const auto access = open_access();
  EXPECT_EQ(access.registry_key(request_with("bEaReR   key  ", {}), false, {}), "key");
  EXPECT_EQ(access.registry_key(request_with("Basic key", {}), false, {}), "");
  EXPECT_EQ(access.registry_key(request_with("Bearer", {}), false, {}), "");
  EXPECT_EQ(access.registry_key(request_with("Bearer  ", {}), false, {}), "");
}

TEST(RegistryKey, IsNotReadFromHeadersWhenThatIsOff) {
  EXPECT_EQ(open_access(false).registry_key(request_with("Bearer h", {}), false, "b"), "b");
}

TEST(RegistryKey, IsNeverAKeyOfThisServer) {
  const server::Access access(std::vector<std::string>{"ours"}, true);
  EXPECT_EQ(access.registry_key(request_with("Bearer ours", {}), false, {}), "");
  EXPECT_EQ(access.registry_key(request_with("Bearer theirs", {}), false, {}), "theirs");
}

TEST(Authorize, OpensAClosedServerToItsKeysAndPassesOthersOnWhereItIsOpen) {
  const server::Access closed(std::vector<std::string>{"ours"}, true);
  ASSERT_TRUE(closed.authorize("ours"));
  EXPECT_EQ(*closed.authorize("ours"), "") << "it is given to nobody else";
  ASSERT_FALSE(closed.authorize("theirs"));
  EXPECT_EQ(closed.authorize("").error().code, Code::unauthenticated);
  EXPECT_EQ(*open_access().authorize("theirs"), "theirs");
}

class ClosedServerTest : public testing::Test {
 protected:
  static http::Reply ask(const std::string& method, const std::string& target, const std::string& body = "",
                         const std::string& headers = "Content-Type: application/json\r\n") {
    static WholeServer server(2, {}, [](server::RouteContext& context) {
      context.access = std::make_shared<server::Access>(std::vector<std::string>{"first", "second"}, true);
    });
    return server.ask(method, target, body, headers);
  }
  static std::string body_with_key(const std::string& key) {
    auto body = Json::parse(WholeServer::detection_body(picture(200)));
    body["api_key"] = key;
    return body.dump();
  }
};

TEST_F(ClosedServerTest, ServesHealthMetricsAndDocsToEveryone) {
  for (const char* path : {"/", "/docs", "/redoc", "/openapi.json", "/info", "/healthz", "/readiness", "/metrics",
                           "/static/docs/swagger-ui.css"}) {
    EXPECT_EQ(ask("GET", path).status, 200) << path;
  }
}

TEST_F(ClosedServerTest, RefusesEverythingElseWithoutAKey) {
  for (const char* path : {"/model/registry", "/logs", "/device/stats", "/clear_cache", "/start/fake/1", "/fake/1",
                           "/no/such/path", "/infer/object_detection"}) {
    const auto reply = ask("GET", path);
    EXPECT_EQ(reply.status, 401) << path;
    EXPECT_EQ(reply.body, R"({"status":401,"message":"Unauthorized api_key"})") << path;
  }
  for (const char* path : {"/model/add", "/model/remove"}) {
    EXPECT_EQ(ask("POST", path, R"({"model_id":"fake/1"})").status, 401) << path;
  }
  EXPECT_EQ(ask("POST", "/model/clear").status, 401);
  for (const char* path : {"/infer/object_detection", "/infer/instance_segmentation", "/infer/keypoints_detection",
                           "/infer/classification", "/infer/semantic_segmentation"}) {
    EXPECT_EQ(ask("POST", path, WholeServer::detection_body(picture(200))).status, 401) << path;
    EXPECT_EQ(ask("POST", path, "no JSON").status, 401) << path;
  }
  EXPECT_EQ(ask("POST", "/fake/1", picture(200)).status, 401);
}

TEST_F(ClosedServerTest, TakesItsKeysFromQueryHeaderAndBody) {
  EXPECT_EQ(ask("POST", "/fake/1?api_key=first", picture(200)).status, 200);
  EXPECT_EQ(ask("POST", "/infer/object_detection?api_key=second", WholeServer::detection_body(picture(200))).status,
            200);
  const std::string headers = "Content-Type: application/json\r\nAuthorization: Bearer second\r\n";
  EXPECT_EQ(ask("POST", "/infer/object_detection", WholeServer::detection_body(picture(200)), headers).status, 200);
  EXPECT_EQ(ask("POST", "/infer/object_detection", body_with_key("first")).status, 200);
  EXPECT_EQ(ask("POST", "/model/add", R"({"model_id":"fake/1","api_key":"first"})").status, 200);
  EXPECT_EQ(ask("GET", "/model/registry?api_key=first").status, 200);
}

TEST_F(ClosedServerTest, RefusesOtherKeysAndPartsOfItsOwn) {
  for (const char* key : {"firs", "firstt", "FIRST", "first,second", ""}) {
    EXPECT_EQ(ask("POST", "/infer/object_detection", body_with_key(key)).status, 401) << key;
    EXPECT_EQ(ask("GET", std::string("/model/registry?api_key=") + key).status, 401) << key;
  }
}

}  // namespace
}  // namespace osprey
