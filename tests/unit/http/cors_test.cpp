#include "http/cors.hpp"

#include <gtest/gtest.h>

#include "running_server.hpp"

namespace osprey::http {
namespace {

constexpr const char* kExposed =
    "X-Processing-Time, X-Remote-Processing-Time, X-Remote-Processing-Times, X-Model-Cold-Start, "
    "X-Model-Cold-Start-Count, X-Model-Load-Time, X-Model-Load-Details, X-Model-Id, X-Workflow-Id, X-Workspace-Id, "
    "X-Trace-Id, execution_id, traceparent, tracestate";

ServerOptions only(const std::string& origin) {
  ServerOptions options;
  options.allow_origins = {origin};
  return options;
}

std::string preflight(const std::string& path, const std::string& fields) {
  return "OPTIONS " + path + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}

bool has_access_control(const Reply& reply) {
  for (const auto& [name, value] : reply.headers.fields()) {
    if (name.starts_with("Access-Control-")) return true;
  }
  return false;
}

TEST(Cors, WithoutOriginAddsOnlyVary) {
  const RunningServer server(echo);
  const auto reply = server.connect().ask(get("/a"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->header("Vary"), "Origin");
  EXPECT_FALSE(has_access_control(*reply));
}

TEST(Cors, EchoesAnyOriginWhenAllAreAllowed) {
  const RunningServer server(echo);
  const auto reply = server.connect().ask(get("/a", "Origin: https://example.org\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->header("Access-Control-Allow-Origin"), "https://example.org");
  EXPECT_EQ(reply->header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(reply->header("Access-Control-Expose-Headers"), kExposed);
  EXPECT_EQ(reply->header("Vary"), "Origin");
}

TEST(Cors, LeavesADisallowedOriginWithoutPermission) {
  const RunningServer server(echo, only("https://good.example"));
  const auto bad = server.connect().ask(get("/a", "Origin: https://bad.example\r\n"));
  const auto good = server.connect().ask(get("/a", "Origin: https://good.example\r\n"));
  ASSERT_TRUE(bad && good);
  EXPECT_EQ(bad->status, 200);
  EXPECT_FALSE(has_access_control(*bad));
  EXPECT_EQ(bad->header("Vary"), "Origin");
  EXPECT_EQ(good->header("Access-Control-Allow-Origin"), "https://good.example");
}

TEST(Cors, ErrorsOfTheRoomCanBeReadByPagesToo) {
  ServerOptions options;
  options.limits.body_bytes = 3;
  const RunningServer server(echo, options);
  const auto reply = server.connect().ask(post("/a", "four", "Origin: https://example.org\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 413);
  EXPECT_EQ(reply->header("Access-Control-Allow-Origin"), "https://example.org");
}

TEST(Cors, AnswersThePreflightItself) {
  const RunningServer server([](Request, Responder) { FAIL() << "the preflight reached the handler"; });
  const auto reply = server.connect().ask(preflight("/infer/object_detection",
                                                    "Origin: https://example.org\r\n"
                                                    "Access-Control-Request-Method: POST\r\n"
                                                    "Access-Control-Request-Headers: content-type, x-mine\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "OK");
  EXPECT_TRUE(reply->header("Content-Type").starts_with("text/plain"));
  EXPECT_EQ(reply->header("Access-Control-Allow-Origin"), "https://example.org");
  EXPECT_EQ(reply->header("Access-Control-Allow-Methods"), "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  EXPECT_EQ(reply->header("Access-Control-Max-Age"), "600");
  EXPECT_EQ(reply->header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(reply->header("Access-Control-Allow-Headers"), "content-type, x-mine");
  EXPECT_TRUE(reply->header("Vary").starts_with("Origin"));
  EXPECT_EQ(reply->headers.count("Vary"), 1U);
  EXPECT_EQ(reply->header("X-Request-ID").size(), 32U);
}

TEST(Cors, RefusesThePreflightOfADisallowedOrigin) {
  const RunningServer server(echo, only("https://good.example"));
  const auto reply =
      server.connect().ask(preflight("/a", "Origin: https://bad.example\r\nAccess-Control-Request-Method: GET\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 400);
  EXPECT_EQ(reply->body, "Disallowed CORS origin");
  EXPECT_TRUE(reply->header("Content-Type").starts_with("text/plain"));
  EXPECT_EQ(reply->header("Access-Control-Allow-Origin"), "");
}

TEST(Cors, OptionsWithoutBothFieldsIsAnOrdinaryRequest) {
  const RunningServer server(echo);
  auto client = server.connect();
  EXPECT_EQ(client.ask(preflight("/a", "Origin: https://example.org\r\n"))->body, "OPTIONS /a");
  EXPECT_EQ(client.ask(preflight("/a", "Access-Control-Request-Method: GET\r\n"))->body, "OPTIONS /a");
}

TEST(Cors, DoesNotApplyUnderBuild) {
  const RunningServer server(echo);
  auto client = server.connect();
  const auto reply = client.ask(get("/build/x", "Origin: https://example.org\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_FALSE(has_access_control(*reply));
  EXPECT_EQ(reply->header("Vary"), "");
  const auto options =
      client.ask(preflight("/build", "Origin: https://example.org\r\nAccess-Control-Request-Method: GET\r\n"));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->body, "OPTIONS /build");
}

}  // namespace
}  // namespace osprey::http
