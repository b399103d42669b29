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

TEST(LogRing, KeepsTheNewestLinesOldestFirst) {
  const LogRing ring(2);
  const auto log = make_log("error", &ring);
  ASSERT_TRUE(log);
  (*log)->set_level(spdlog::level::info);
  for (const char* line : {"one", "two", "three"}) (*log)->warn(line);
  (*log)->debug("below the log's level");
  const auto entries = ring.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].message, "two");
  EXPECT_EQ(entries[1].message, "three");
  EXPECT_EQ(entries[1].level, spdlog::level::warn);
  EXPECT_EQ(entries[1].logger, "osprey");
}

}  // namespace
}  // namespace osprey
