#include "http/target.hpp"

#include <gtest/gtest.h>

namespace osprey::http {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(ParseTarget, SplitsPathAndQueryAndDecodesThePath) {
  const auto target = parse_target("/a%20b/%C3%a9+c?x=1&y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/\xC3\xA9+c");
  EXPECT_EQ(target->query, (Query{{"x", "1"}, {"y", ""}}));
}

TEST(ParseTarget, TakesTheAbsoluteForm) {
  EXPECT_EQ(parse_target("http://host:9001/a?b=c")->path, "/a");
  EXPECT_EQ(parse_target("HTTPS://host")->path, "/");
  EXPECT_EQ(parse_target("http://host?b=c")->path, "/");
  EXPECT_EQ(parse_target("http://host?b=c")->query, (Query{{"b", "c"}}));
}

TEST(ParseTarget, TakesTheAsterisk) {
  EXPECT_EQ(parse_target("*")->path, "*");
}

TEST(ParseTarget, RefusesWhatIsNoTarget) {
  for (const char* text :
       {"", "a", "?a=b", "host:443", "/%", "/%4", "/%4g", "/%g4", "/a%00b", "/a#b", "ftp://host/a"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, Code::invalid_argument) << text;
    EXPECT_FALSE(target.error().message.empty());
  }
}

TEST(ParseTarget, RefusesARawNul) {
  EXPECT_FALSE(parse_target(std::string_view("/a\0b", 4)));
}

TEST(ParseQuery, DecodesKeysAndValues) {
  EXPECT_EQ(parse_query("a%3D=b%26c&d+e=+%2B"), (Query{{"a=", "b&c"}, {"d e", " +"}}));
}

TEST(ParseQuery, KeepsOrderAndRepetitionAndSkipsEmptyPairs) {
  EXPECT_EQ(parse_query("&a=1&&b=&a=2&c&=d&"), (Query{{"a", "1"}, {"b", ""}, {"a", "2"}, {"c", ""}, {"", "d"}}));
}

TEST(ParseQuery, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(parse_query("a=b=c"), (Query{{"a", "b=c"}}));
}

TEST(ParseQuery, LeavesBytesThatAreNoUtf8) {
  EXPECT_EQ(parse_query("a=%ff%00%fe"), (Query{{"a", {"\xFF\0\xFE", 3}}}));
}

TEST(ParseQuery, LeavesBrokenEscapesAsTheyAre) {
  EXPECT_EQ(parse_query("a=%&b=%4&c=%zz&d=100%25"), (Query{{"a", "%"}, {"b", "%4"}, {"c", "%zz"}, {"d", "100%"}}));
}

}  // namespace
}  // namespace osprey::http
