#include "base/result.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace osprey {
namespace {

Result<std::unique_ptr<int>> positive(int value) {
  if (value <= 0) return Error{Code::invalid_argument, "not positive"};
  return std::make_unique<int>(value);
}

TEST(Result, HoldsAMoveOnlyValue) {
  auto result = positive(3);
  ASSERT_TRUE(result);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 3);
}

TEST(Result, HoldsAnError) {
  const auto result = positive(0);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::invalid_argument);
}

TEST(Error, PutsContextBeforeItsMessage) {
  const Error error{Code::internal, "no space"};
  EXPECT_EQ(error.with_context("writing x").message, "writing x: no space");
  EXPECT_EQ(Error(error).with_context("writing x").message, "writing x: no space");
  EXPECT_EQ(error.with_context("a").code, Code::internal);
}

TEST(Status, IsSuccessByDefault) {
  EXPECT_TRUE(Status());
  const Status failed = Error{Code::not_found, "gone"};
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "gone");
}

TEST(Code, HasANameForEach) {
  EXPECT_EQ(to_string(Code::overloaded), "overloaded");
  EXPECT_EQ(to_string(Code::data_corrupted), "data_corrupted");
}

}  // namespace
}  // namespace osprey
