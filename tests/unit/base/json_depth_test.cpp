#include "base/json_depth.hpp"

#include <gtest/gtest.h>

namespace osprey {
namespace {

TEST(JsonDepth, PassesAtTheLimitAndNotOneDeeper) {
  EXPECT_FALSE(is_nested_deeper(R"([{"a": [1]}])", 3));
  EXPECT_TRUE(is_nested_deeper(R"([{"a": [1]}])", 2));
  EXPECT_FALSE(is_nested_deeper("[] [] {} []", 1)) << "one after the other";
}

TEST(JsonDepth, DoesNotCountBracketsWithinStrings) {
  EXPECT_FALSE(is_nested_deeper(R"(["[[[{{{"])", 1));
  EXPECT_FALSE(is_nested_deeper(R"(["\"[[[", "\\"])", 1)) << "an escaped quote ends no string";
  EXPECT_TRUE(is_nested_deeper(R"(["\\", [1]])", 1)) << "an escaped backslash escapes no quote";
}

TEST(JsonDepth, SurvivesTextThatIsCut) {
  EXPECT_FALSE(is_nested_deeper("\"\\", 1));
  EXPECT_FALSE(is_nested_deeper("", 0));
}

}  // namespace
}  // namespace osprey
