#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "http/message.hpp"

namespace osprey::http {
namespace {

TEST(Headers, FindsTheFirstValueWhateverTheCaseOfTheName) {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("ACCEPT", "b");
  EXPECT_EQ(headers.find("accept"), "a");
  EXPECT_EQ(headers.count("aCCept"), 2U);
  EXPECT_EQ(headers.find("Accept-Language"), std::nullopt);
}

TEST(Request, TakesTheLastOfRepeatedQueryParameters) {
  Request request;
  request.query = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(request.query_value("a"), "3");
  EXPECT_EQ(request.query_value("A"), std::nullopt);
}

TEST(Responder, AnswersOnceAndNotAgainWhenItGoes) {
  std::vector<int> sent;
  {
    Responder responder([&](Response response) { sent.push_back(response.status); });
    Response response;
    response.status = 201;
    responder(std::move(response));
  }
  EXPECT_EQ(sent, std::vector<int>{201});
}

TEST(Responder, Answers500WhenItIsDropped) {
  std::vector<Response> sent;
  {
    const Responder responder([&](Response response) { sent.push_back(std::move(response)); });
  }
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].status, 500);
  EXPECT_EQ(sent[0].body, R"({"message":"Internal error."})");
}

TEST(Responder, LeavesTheDutyToAnswerToTheOneItWasMovedTo) {
  int sent = 0;
  {
    Responder first([&](Response) { ++sent; });
    const Responder second(std::move(first));
    EXPECT_EQ(sent, 0);
  }
  EXPECT_EQ(sent, 1);
}

TEST(CancelToken, IsSharedByItsCopies) {
  CancelToken token;
  const CancelToken copy = token;
  EXPECT_FALSE(copy.cancelled());
  token.cancel();
  EXPECT_TRUE(copy.cancelled());
}

TEST(MessageResponse, KeepsTheJsonWholeWhateverItQuotes) {
  EXPECT_EQ(message_response(400, "a \"b\" \\ \n\x80").body, R"({"message":"a \"b\" \\ ??"})");
}

}  // namespace
}  // namespace osprey::http
