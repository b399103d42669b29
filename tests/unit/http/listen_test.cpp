#include <gtest/gtest.h>

#include "http/server.hpp"
#include "running_server.hpp"

namespace osprey::http {
namespace {

Result<std::unique_ptr<Server>> listen_on(const std::string& host, std::uint16_t port) {
  ServerOptions options;
  options.host = host;
  options.port = port;
  return Server::create(options, echo, make_null_log());
}

TEST(Listen, SaysThatThePortIsInUseAndWhatToDo) {
  const auto first = listen_on("0.0.0.0", 0);
  ASSERT_TRUE(first);
  const auto port = first.value()->port();
  EXPECT_NE(port, 0);
  const auto second = listen_on("0.0.0.0", port);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_EQ(second.error().message,
            "port " + std::to_string(port) + " is already in use on 0.0.0.0; choose another with --port");
}

TEST(Listen, TakesAPortAgainRightAfterAServerThatHadConnections) {
  std::uint16_t port = 0;
  {
    RunningServer server(echo);
    port = server.port();
    auto client = server.connect();
    EXPECT_TRUE(client.ask(get("/a", "Connection: close\r\n")));
    EXPECT_EQ(client.ending(), Ending::closed);  // the server's side closed first and is in TIME_WAIT
    server.stop();
    EXPECT_EQ(server.given_up(), 0U);
  }
  EXPECT_TRUE(listen_on("127.0.0.1", port));
}

TEST(Listen, SaysWhatIsNoAddress) {
  const auto server = listen_on("no such host", 0);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Code::invalid_argument);
  EXPECT_NE(server.error().message.find("'no such host' is not an address"), std::string::npos);
}

TEST(Listen, SaysWhatIsNoAddressOfThisMachine) {
  const auto server = listen_on("192.0.2.1", 0);  // RFC 5737: an address of nobody's
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Code::invalid_argument);
}

TEST(Listen, TakesLocalhostByName) {
  EXPECT_TRUE(listen_on("localhost", 0));
}

TEST(Listen, AnswersIPv4OnTheIPv6Wildcard) {
  ServerOptions options;
  options.host = "::";
  options.port = 0;
  auto created = Server::create(
      options,
      [](Request request, Responder respond) {
        Response response;
        response.body = request.peer;
        respond(std::move(response));
      },
      make_null_log());
  if (!created) GTEST_SKIP() << "no IPv6 here: " << created.error().message;
  auto& server = *created.value();
  std::jthread running([&] { EXPECT_EQ(server.run(), 0U); });
  EXPECT_EQ(RawClient(server.port()).ask(get("/a"))->body, "127.0.0.1");
  server.stop();
}

}  // namespace
}  // namespace osprey::http
