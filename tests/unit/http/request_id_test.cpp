#include "http/request_id.hpp"

#include <gtest/gtest.h>

#include "running_server.hpp"

namespace osprey::http {
namespace {

TEST(RequestId, TakesVersionFourWithDashesOrWithout) {
  for (const char* text : {"9f2c1c1e-5b1a-4c3d-8e7f-0123456789ab", "9F2C1C1E-5B1A-4C3D-BE7F-0123456789AB",
                           "9f2c1c1e5b1a4c3d8e7f0123456789ab", "9f2c1c1e5b1a4c3dae7f0123456789ab"}) {
    EXPECT_TRUE(is_uuid4(text)) << text;
  }
}

TEST(RequestId, RefusesAnythingElse) {
  for (const char* text : {"", "abc",
                           "9f2c1c1e-5b1a-1c3d-8e7f-0123456789ab",  // version 1
                           "9f2c1c1e-5b1a-4c3d-7e7f-0123456789ab",  // another variant
                           "9f2c1c1e-5b1a-4c3d-ce7f-0123456789ab",  // another variant
                           "9f2c1c1e-5b1a-4c3d-8e7f-0123456789ag",  // no hex digit
                           "9f2c1c1e5-b1a-4c3d-8e7f-0123456789ab",  // a dash elsewhere
                           "9f2c1c1e5b1a4c3d8e7f0123456789a",       // too short
                           "9f2c1c1e5b1a4c3d8e7f0123456789abc",     // too long
                           "{9f2c1c1e-5b1a-4c3d-8e7f-0123456789ab}"}) {
    EXPECT_FALSE(is_uuid4(text)) << text;
  }
}

TEST(RequestId, IsEchoedInTheAnswerAndGivenToTheHandler) {
  const RunningServer server([](Request request, Responder respond) {
    Response response;
    response.body = request.id;
    respond(std::move(response));
  });
  auto client = server.connect();
  const auto reply = client.ask(get("/", "x-request-id: 9f2c1c1e-5b1a-4c3d-8e7f-0123456789ab\r\n"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->header("X-Request-ID"), "9f2c1c1e-5b1a-4c3d-8e7f-0123456789ab");
  EXPECT_EQ(reply->body, reply->header("X-Request-ID"));
}

TEST(RequestId, IsNewWhenTheRequestHasNoValidOne) {
  const RunningServer server(echo);
  auto client = server.connect();
  const auto first = client.ask(get("/", "X-Request-ID: mine\r\n"));
  const auto second = client.ask(get("/"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->header("X-Request-ID").size(), 32U);
  EXPECT_TRUE(is_uuid4(first->header("X-Request-ID")));
  EXPECT_TRUE(is_uuid4(second->header("X-Request-ID")));
  EXPECT_NE(first->header("X-Request-ID"), second->header("X-Request-ID"));
}

}  // namespace
}  // namespace osprey::http
