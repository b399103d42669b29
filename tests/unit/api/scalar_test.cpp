// The reference's framework's rules for values that are not quite of the field's type.
#include "api/scalar.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace osprey::api {
namespace {

const Location kHere{"query", "field"};

TEST(Booleans, ReadWordsInAnyCase) {
  for (const char* yes : {"true", "True", "TRUE", "1", "yes", "on", "T", "y"}) {
    Problems problems;
    EXPECT_EQ(to_boolean(Scalar::of_text(yes), kHere, problems), true) << yes;
  }
  for (const char* no : {"false", "False", "0", "no", "OFF", "f", "n"}) {
    Problems problems;
    EXPECT_EQ(to_boolean(Scalar::of_text(no), kHere, problems), false) << no;
  }
}

TEST(Booleans, RefuseOtherWords) {
  for (const char* neither : {"", "perhaps", "2", "truee"}) {
    Problems problems;
    EXPECT_FALSE(to_boolean(Scalar::of_text(neither), kHere, problems));
    ASSERT_EQ(problems.size(), 1U) << neither;
    EXPECT_EQ(problems[0].type, "bool_parsing");
    EXPECT_EQ(problems[0].location, kHere);
  }
}

TEST(Numbers, ReadText) {
  Problems problems;
  EXPECT_EQ(to_number(Scalar::of_text("0.5"), kHere, problems), 0.5);
  EXPECT_EQ(to_number(Scalar::of_text(" 40 "), kHere, problems), 40.0);
  EXPECT_EQ(to_number(Scalar::of_text("+1e-2"), kHere, problems), 0.01);
  EXPECT_TRUE(problems.empty());
}

TEST(Numbers, RefuseTextThatIsNone) {
  for (const char* text : {"", "high", "1,5", "0.5x", "nan", "inf", "+-1", "+", "++1"}) {
    Problems problems;
    EXPECT_FALSE(to_number(Scalar::of_text(text), kHere, problems)) << text;
    EXPECT_EQ(problems.size(), 1U) << text;
  }
}

TEST(Integers, TakeWholeFloatsOnly) {
  Scalar scalar;
  scalar.kind = Scalar::Kind::number;
  Problems problems;
  scalar.number = 3.0;
  EXPECT_EQ(to_integer(scalar, kHere, problems), 3);
  scalar.number = 3.5;
  EXPECT_FALSE(to_integer(scalar, kHere, problems));
  EXPECT_EQ(problems.at(0).type, "int_from_float");
}

TEST(Integers, ReadTextWithZerosBehindThePoint) {
  for (const auto& [text, value] :
       {std::pair("7", 7), std::pair(" +7 ", 7), std::pair("-7", -7), std::pair("7.", 7), std::pair("7.000", 7)}) {
    Problems problems;
    EXPECT_EQ(to_integer(Scalar::of_text(text), kHere, problems), value) << text;
  }
  for (const char* text : {"", "7.5", ".0", "+-7", "0x7", "7 7", "1e3"}) {
    Problems problems;
    EXPECT_FALSE(to_integer(Scalar::of_text(text), kHere, problems)) << text;
    EXPECT_EQ(problems.size(), 1U) << text;
  }
}

TEST(Integers, BeyondSixtyFourBitsAreTheOutermost) {
  Problems problems;
  const std::string digits(40, '9');
  EXPECT_EQ(to_integer(Scalar::of_text(digits), kHere, problems), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_integer(Scalar::of_text("-" + digits), kHere, problems), std::numeric_limits<std::int64_t>::min());
  Scalar scalar;
  scalar.kind = Scalar::Kind::number;
  scalar.number = -1e300;
  EXPECT_LT(to_integer(scalar, kHere, problems).value_or(0), -9'000'000'000'000'000'000);
  EXPECT_TRUE(problems.empty());
}

TEST(Choices, NameWhatIsAllowed) {
  Problems problems;
  EXPECT_EQ(to_choice(Scalar::of_text("rle"), {"polygon", "rle"}, kHere, problems), 1U);
  EXPECT_FALSE(to_choice(Scalar::of_text("svg"), {"polygon", "rle"}, kHere, problems));
  EXPECT_EQ(problems.at(0).message, "Input should be 'polygon' or 'rle'");
  EXPECT_EQ(problems.at(0).context_json, R"({"expected":"'polygon' or 'rle'"})");
}

TEST(Problems, EchoTheInputCutShort) {
  const std::string longer(5000, 'x');
  Problems problems;
  (void)to_number(Scalar::of_text(longer), kHere, problems);
  EXPECT_LT(problems.at(0).input_json.size(), 600U);
}

}  // namespace
}  // namespace osprey::api
