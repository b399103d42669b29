#include "rpc/grpc/status.hpp"

#include <gtest/gtest.h>

#include <string>

namespace osprey::rpc {
namespace {

TEST(Status, TellsWhatTheClientCanDo) {
  const std::pair<Code, ::grpc::StatusCode> expected[] = {
      {Code::invalid_argument, ::grpc::StatusCode::INVALID_ARGUMENT},
      {Code::unauthenticated, ::grpc::StatusCode::UNAUTHENTICATED},
      {Code::permission_denied, ::grpc::StatusCode::PERMISSION_DENIED},
      {Code::not_found, ::grpc::StatusCode::NOT_FOUND},
      {Code::unsupported, ::grpc::StatusCode::UNIMPLEMENTED},
      {Code::payload_too_large, ::grpc::StatusCode::RESOURCE_EXHAUSTED},
      {Code::overloaded, ::grpc::StatusCode::UNAVAILABLE},
      {Code::unavailable, ::grpc::StatusCode::UNAVAILABLE},
      {Code::deadline_exceeded, ::grpc::StatusCode::DEADLINE_EXCEEDED},
      {Code::cancelled, ::grpc::StatusCode::CANCELLED},
      {Code::upstream_timeout, ::grpc::StatusCode::UNAVAILABLE},
      {Code::data_corrupted, ::grpc::StatusCode::DATA_LOSS},
      {Code::internal, ::grpc::StatusCode::INTERNAL}};
  for (const auto& [code, status] : expected) {
    EXPECT_EQ(to_status({code, "why"}).error_code(), status) << to_string(status);
    EXPECT_EQ(to_status({code, "why"}).error_message(), "why");
  }
}

TEST(Status, OnlyOverloadAndUnavailabilityPass) {
  EXPECT_TRUE(is_worth_retrying(Code::overloaded));
  EXPECT_TRUE(is_worth_retrying(Code::unavailable));
  EXPECT_FALSE(is_worth_retrying(Code::invalid_argument));
  EXPECT_FALSE(is_worth_retrying(Code::upstream_failed));
}

TEST(Status, AMessageLongerThanAHeaderIsCutBetweenCharacters) {
  std::string text(1023, 'a');
  for (int i = 0; i < 1000; ++i) text += "\xC3\xA4";  // a letter of two bytes, the first one at the limit
  const auto message = to_status({Code::internal, text}).error_message();
  EXPECT_EQ(message, std::string(1023, 'a') + "...");
}

}  // namespace
}  // namespace osprey::rpc
