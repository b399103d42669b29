#include "base/log.hpp"

#include <gtest/gtest.h>

namespace osprey {
namespace {

TEST(Log, TakesLevelsInAnyCase) {
  for (const char* level : {"debug", "INFO", "Warning", "error", "off"}) EXPECT_TRUE(make_log(level)) << level;
}

TEST(Log, NamesTheLevelsWhenGivenAnUnknownOne) {
  const auto log = make_log("loud");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, Code::invalid_argument);
  EXPECT_NE(log.error().message.find("loud"), std::string::npos);
  EXPECT_NE(log.error().message.find("warning"), std::string::npos);
}

}  // namespace
}  // namespace osprey
