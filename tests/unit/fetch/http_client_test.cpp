#include "fetch/http_client.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "loopback_server.hpp"

namespace osprey::fetch {
namespace {

using std::chrono::milliseconds;
using testing::LoopbackAnswer;
using testing::LoopbackRequest;
using testing::LoopbackServer;

HttpRequest request_to(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.max_bytes = 1 << 20;
  return request;
}

LoopbackServer::Handler always(const LoopbackAnswer& answer) {
  return [answer](const LoopbackRequest&) { return answer; };
}

std::string code_of(const HttpRequest& request, const CancelToken& cancel = {}) {
  const auto response = http_get(request, cancel);
  return response ? "ok" : std::string(to_string(response.error().code));
}

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST(HttpClient, GivesStatusHeadersAndBody) {
  LoopbackServer server(always({.status = 404, .headers = {{"X-A", "1"}, {"x-a", "2"}}, .body = "no"}));
  auto response = http_get(request_to(server.url() + "/a?b=c"), {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.status, 404);
  EXPECT_EQ(response->head.headers["x-a"], "1, 2");
  EXPECT_EQ(response->body, "");  // an error's text is not read
  LoopbackServer good(always({.body = "yes"}));
  response = http_get(request_to(good.url()), {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "yes");
  EXPECT_EQ(response->head.length, 3U);
}

TEST(HttpClient, SendsHeadersAndTheRange) {
  LoopbackServer server(always({.body = "0123456789", .ranges = true}));
  auto request = request_to(server.url() + "/f");
  request.headers = {{"Authorization", "Bearer k"}};
  request.first_byte = 4;
  const auto response = http_get(request, {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.status, 206);
  EXPECT_EQ(response->body, "456789");
  EXPECT_EQ(server.requests().at(0).headers.at("authorization"), "Bearer k");
}

TEST(HttpClient, RefusesAHeaderWithALineBreak) {
  LoopbackServer server(always({}));
  auto request = request_to(server.url());
  request.headers = {{"Authorization", "Bearer k\r\nX-Evil: 1"}};
  EXPECT_EQ(code_of(request), "invalid_argument");
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, KeepsHeadersFromOtherOriginsWhenRedirected) {
  LoopbackServer other(always({.body = "there"}));
  LoopbackServer server([&](const LoopbackRequest& request) {
    if (request.path == "/here") return LoopbackAnswer{.body = "here"};
    const std::string target = request.path == "/away" ? other.url() + "/x" : "/here";
    return LoopbackAnswer{.status = 302, .headers = {{"Location", target}}};
  });
  auto request = request_to(server.url() + "/away");
  request.headers = {{"Authorization", "Bearer k"}};
  auto response = http_get(request, {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "there");
  EXPECT_FALSE(other.requests().at(0).headers.contains("authorization"));
  request.url = server.url() + "/own";
  response = http_get(request, {});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "here");
  EXPECT_TRUE(server.requests().back().headers.contains("authorization"));
}

TEST(HttpClient, EndsEndlessRedirects) {
  LoopbackServer loop(always({.status = 302, .headers = {{"Location", "/again"}}}));
  EXPECT_EQ(code_of(request_to(loop.url())), "upstream_failed");
  EXPECT_EQ(loop.requests().size(), 6U);
}

TEST(HttpClient, RefusesOtherSchemes) {
  for (const char* url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "http://"}) {
    EXPECT_EQ(code_of(request_to(url)), "invalid_argument") << url;
  }
  LoopbackServer server(always({.status = 302, .headers = {{"Location", "file:///etc/passwd"}}}));
  EXPECT_EQ(code_of(request_to(server.url())), "invalid_argument");
}

TEST(HttpClient, TakesNoMoreThanItsLimit) {
  LoopbackServer honest(always({.body = std::string(5, 'x')}));
  LoopbackServer silent(always({.body = std::string(5, 'x'), .tells_length = false}));
  for (const LoopbackServer* server : {&honest, &silent}) {
    auto request = request_to(server->url());
    request.max_bytes = 4;
    EXPECT_EQ(code_of(request), "payload_too_large");
    request.max_bytes = 5;
    EXPECT_EQ(code_of(request), "ok");
  }
}

TEST(HttpClient, NoticesABodyThatIsCutShort) {
  LoopbackServer server(always({.body = "hello", .cut_after = 2}));
  EXPECT_EQ(code_of(request_to(server.url())), "upstream_failed");
}

TEST(HttpClient, EndsWhatIsSilentOrSlow) {
  LoopbackServer silent(always({.silent = true}));
  auto request = request_to(silent.url());
  request.stall_time = milliseconds(150);
  EXPECT_LT(seconds_of([&] { EXPECT_EQ(code_of(request), "upstream_timeout"); }), 1.0);
  LoopbackServer slow(always({.body = std::string(10'240, 'x'), .pause = milliseconds(60)}));
  request = request_to(slow.url());
  request.stall_time = milliseconds(150);
  EXPECT_EQ(code_of(request), "ok");  // slow, but something comes
  request.stall_bytes = 100'000;
  EXPECT_EQ(code_of(request), "upstream_timeout");
  request.stall_time = {};
  request.time = milliseconds(150);
  EXPECT_EQ(code_of(request), "upstream_timeout");
}

TEST(HttpClient, SaysThatNobodyIsThere) {
  EXPECT_EQ(code_of(request_to("http://127.0.0.1:1/secret?api_key=hidden")), "unavailable");
  const auto response = http_get(request_to("http://127.0.0.1:1/secret?api_key=hidden"), {});
  EXPECT_EQ(response.error().message.find("secret"), std::string::npos);
  EXPECT_EQ(response.error().message.find("hidden"), std::string::npos);
}

TEST(HttpClient, EndsWhenCancelled) {
  LoopbackServer server(always({.silent = true}));
  CancelToken cancel;
  const std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(100));
    cancel.cancel();
  });
  EXPECT_LT(seconds_of([&] { EXPECT_EQ(code_of(request_to(server.url()), cancel), "cancelled"); }), 1.0);
}

TEST(HttpClient, ReturnsTheErrorOfItsSink) {
  LoopbackServer server(always({.body = "hello"}));
  const HttpSink full{.on_head = [](const HttpHead&) { return Status(); },
                      .on_bytes = [](std::span<const std::byte>) { return Status(Error{Code::internal, "full"}); }};
  const auto head = http_get(request_to(server.url()), full, {});
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().message, "full");
}

TEST(HttpClient, GoesThroughTheProxyThatTheEnvironmentNames) {
  LoopbackServer proxy(always({.body = "by proxy"}));
  setenv("http_proxy", proxy.url().c_str(), 1);
  const auto response = http_get(request_to("http://registry.invalid/a"), {});
  unsetenv("http_proxy");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "by proxy");
  EXPECT_EQ(proxy.requests().at(0).target, "http://registry.invalid/a");
}

}  // namespace
}  // namespace osprey::fetch
