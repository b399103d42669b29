#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "running_server.hpp"

namespace osprey::http {
namespace {

struct Case {
  const char* what;
  std::string request;
};

std::vector<Case> malformed() {
  using namespace std::string_literals;
  return {
      {"no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
      {"no target", "GET\r\n\r\n"},
      {"no version", "GET /\r\n\r\n"},
      {"a version of its own", "GET / HTTP/1.5\r\nHost: t\r\n\r\n"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"lower-case method", "get / HTTP/1.1\r\nHost: t\r\n\r\n"},
      {"bare line feeds", "GET / HTTP/1.1\nHost: t\n\n"},
      {"a space before the colon", "GET / HTTP/1.1\r\nHost: t\r\nA : b\r\n\r\n"},
      {"a field without a colon", "GET / HTTP/1.1\r\nHost: t\r\nAb\r\n\r\n"},
      {"a field without a name", "GET / HTTP/1.1\r\nHost: t\r\n: b\r\n\r\n"},
      {"NUL in a value", "GET / HTTP/1.1\r\nHost: t\r\nA: b\0c\r\n\r\n"s},
      {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: t\r\n\r\n"s},
      {"encoded NUL in the path", "GET /a%00b HTTP/1.1\r\nHost: t\r\n\r\n"},
      {"broken escape in the path", "GET /a%zz HTTP/1.1\r\nHost: t\r\n\r\n"},
      {"a target without slash", "GET a HTTP/1.1\r\nHost: t\r\n\r\n"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"a negative length", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n"},
      {"a length with a sign", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: +1\r\n\r\na"},
      {"a length that is no number", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1a\r\n\r\na"},
      {"an empty length", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length:\r\n\r\n"},
      {"a length beyond 64 bits", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 18446744073709551616\r\n\r\n"},
      {"two lengths", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"a list of two lengths", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1, 2\r\n\r\nab"},
      {"length, then chunked",
       "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked, then length",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
      {"length and another coding",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"},
      {"an unknown coding", "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {"chunked not last", "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
      {"another coding before chunked",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a chunk size that is no number",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"},
      {"a chunk longer than it says",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"},
      {"a chunk size beyond 64 bits",
       "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1FFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n"},
  };
}

TEST(Malformed, IsAnswered400ThenClosedAndNeverReachesTheHandler) {
  const RunningServer server([](Request request, Responder) { ADD_FAILURE() << "handled: " << request.target; });
  for (const auto& [what, request] : malformed()) {
    auto client = server.connect();
    const auto reply = client.ask(request);
    ASSERT_TRUE(reply) << what;
    EXPECT_EQ(reply->status, 400) << what;
    EXPECT_EQ(reply->header("Content-Type"), "application/json") << what;
    EXPECT_TRUE(reply->body.starts_with("{\"message\":\"") && reply->body.ends_with("\"}")) << what << reply->body;
    EXPECT_EQ(reply->header("Connection"), "close") << what;
    EXPECT_EQ(reply->header("X-Request-ID").size(), 32U) << what;
    client.finish_sending();
    EXPECT_EQ(client.ending(), Ending::closed) << what;
    EXPECT_EQ(client.unread(), "") << what;
  }
}

TEST(Malformed, DoesNotTouchTheRequestBeforeIt) {
  const RunningServer server(echo);
  auto client = server.connect();
  client.send(get("/good") + "BAD\r\n\r\n" + get("/smuggled"));
  EXPECT_EQ(client.read()->body, "GET /good");
  EXPECT_EQ(client.read()->status, 400);
  client.finish_sending();
  EXPECT_EQ(client.ending(), Ending::closed);
  EXPECT_EQ(client.unread(), "");
}

}  // namespace
}  // namespace osprey::http
