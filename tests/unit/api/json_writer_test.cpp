#include "api/json_writer.hpp"

#include <limits>
#include <utility>

#include <gtest/gtest.h>

namespace osprey::api {
namespace {

std::string number(double value) {
  JsonWriter json;
  json.number(value);
  return std::move(json).take();
}

std::string text(std::string_view value) {
  JsonWriter json;
  json.string(value);
  return std::move(json).take();
}

TEST(JsonWriter, PutsCommasBetweenValuesAndNowhereElse) {
  JsonWriter json;
  json.begin_object()
      .key("a")
      .integer(1)
      .key("b")
      .begin_array()
      .boolean(true)
      .null()
      .begin_object()
      .end_object()
      .end_array();
  json.key("c").string("x").end_object();
  EXPECT_EQ(std::move(json).take(), R"({"a":1,"b":[true,null,{}],"c":"x"})");
}

TEST(JsonWriter, WritesFloatsAsTheReferenceDoes) {
  EXPECT_EQ(number(320), "320.0");
  EXPECT_EQ(number(0.5), "0.5");
  EXPECT_EQ(number(double{0.9F}), "0.8999999761581421");
  EXPECT_EQ(number(-0.0), "-0.0");
  EXPECT_EQ(number(1e-7), "1e-07");
}

TEST(JsonWriter, WritesNullForWhatIsNotFinite) {
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, EscapesQuotesBackslashesAndControlCharacters) {
  EXPECT_EQ(text("a\"b\\c\nd\x01"), "\"a\\\"b\\\\c\\nd\\u0001\"");
}

TEST(JsonWriter, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(text("h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8D\x8E"), "\"h\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8D\x8E\"");
  EXPECT_EQ(text("a\xFF"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "an overlong form";
  EXPECT_EQ(text("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "cut short";
}

}  // namespace
}  // namespace osprey::api
