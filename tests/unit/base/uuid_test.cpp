#include "base/uuid.hpp"

#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace osprey {
namespace {

TEST(Uuid, IsVersionFourWithDashes) {
  const std::regex form("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(std::regex_match(make_uuid(), form));
}

TEST(Uuid, HexFormHasNoDashes) {
  const std::regex form("^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$");
  EXPECT_TRUE(std::regex_match(make_uuid_hex(), form));
}

TEST(Uuid, DoesNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(make_uuid()).second);
}

}  // namespace
}  // namespace osprey
