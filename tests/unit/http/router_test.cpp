#include "http/router.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace osprey::http {
namespace {

/// A handler that says its name and the parameters that it got.
Handler named(const std::string& name) {
  return [name](Request request, Responder respond) {
    Response response;
    response.body = name;
    for (const auto& [key, value] : request.path_parameters) response.body += " " + key + "=" + value;
    respond(std::move(response));
  };
}

Router table() {
  Router router;
  router.add("GET", "/healthz", named("health"));
  router.add("POST", "/infer/object_detection", named("detect"));
  router.add("POST", "/model/add", named("add"));
  router.add("GET", "/start/{project}/{version}", named("start"));
  router.add("GET", "/{project}/{version}", named("v1-get"));
  router.add("POST", "/{project}/{version}", named("v1-post"));
  router.add("GET", "/static/{file:path}", named("file"));
  return router;
}

Response ask(const Router& router, const std::string& method, const std::string& path) {
  std::optional<Response> answer;
  Request request;
  request.method = method;
  request.path = path;
  router.handle(std::move(request), Responder([&](Response response) { answer = std::move(response); }));
  return answer.value();
}

struct Case {
  const char* method;
  const char* path;
  const char* body;
};

TEST(Router, FindsTheHandlerAndItsParameters) {
  const auto router = table();
  for (const auto& [method, path, body] : {
           Case{"GET", "/healthz", "health"},
           Case{"HEAD", "/healthz", "health"},
           Case{"POST", "/infer/object_detection", "detect"},
           Case{"GET", "/infer/object_detection", "v1-get project=infer version=object_detection"},
           Case{"GET", "/model/add", "v1-get project=model version=add"},
           Case{"POST", "/model/add", "add"},
           Case{"HEAD", "/a/1", "v1-get project=a version=1"},
           Case{"POST", "/a/1", "v1-post project=a version=1"},
           Case{"GET", "/a b/\xC3\xA9", "v1-get project=a b version=\xC3\xA9"},
           Case{"GET", "/../..", "v1-get project=.. version=.."},
           Case{"GET", "/start/a/1", "start project=a version=1"},
           Case{"GET", "/static/a/b/c.js", "file file=a/b/c.js"},
           Case{"GET", "/static/a", "v1-get project=static version=a"},
       }) {
    EXPECT_EQ(ask(router, method, path).body, body) << method << " " << path;
  }
}

TEST(Router, AnswersGetAndHeadOfUnknownPathsWith404) {
  const auto router = table();
  for (const char* path :
       {"/", "/nothing", "/healthz/", "//", "/a/", "//a", "/a//", "/a/b/c", "/start//1", "/static/", "*"}) {
    for (const char* method : {"GET", "HEAD"}) {
      const auto response = ask(router, method, path);
      EXPECT_EQ(response.status, 404) << method << " " << path;
      EXPECT_EQ(response.body, R"({"detail":"Not Found"})");
      EXPECT_EQ(response.content_type, "application/json");
    }
  }
}

TEST(Router, AnswersOtherMethodsOnUnknownPathsWith405) {
  const auto response = ask(table(), "POST", "/nothing");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.body, R"({"detail":"Method Not Allowed"})");
}

TEST(Router, NamesTheMethodsThatAKnownPathHas) {
  const auto router = table();
  const auto literal = ask(router, "POST", "/healthz");
  EXPECT_EQ(literal.status, 405);
  EXPECT_EQ(literal.body, R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(literal.headers.find("Allow"), "GET, HEAD");
  const auto both = ask(router, "DELETE", "/model/add");
  EXPECT_EQ(both.status, 405);
  EXPECT_EQ(both.headers.find("Allow"), "GET, HEAD, POST");
}

TEST(Router, HandsUnknownPathsToTheHandlerForThem) {
  auto router = table();
  router.set_not_found(named("landing"));
  EXPECT_EQ(ask(router, "GET", "/nothing").body, "landing");
  EXPECT_EQ(ask(router, "HEAD", "/nothing").body, "landing");
  EXPECT_EQ(ask(router, "POST", "/nothing").status, 405);
  EXPECT_EQ(ask(router, "POST", "/healthz").status, 405);
}

}  // namespace
}  // namespace osprey::http
