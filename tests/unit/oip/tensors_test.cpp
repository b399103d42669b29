#include "oip/tensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace osprey::oip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RawData raw(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(DataTypes, AreNamedAndMeasuredAsTheProtocolSays) {
  for (const auto& [name, size] :
       {std::pair("BOOL", 1U), std::pair("UINT8", 1U), std::pair("UINT16", 2U), std::pair("UINT32", 4U),
        std::pair("UINT64", 8U), std::pair("INT8", 1U), std::pair("INT16", 2U), std::pair("INT32", 4U),
        std::pair("INT64", 8U), std::pair("FP16", 2U), std::pair("FP32", 4U), std::pair("FP64", 8U),
        std::pair("BYTES", 0U)}) {
    const auto type = datatype_of(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(to_string(*type), name);
    EXPECT_EQ(element_size(*type), size) << name;
  }
  EXPECT_FALSE(datatype_of("fp32"));
  EXPECT_FALSE(datatype_of(""));
}

TEST(CheckedCount, IsTheProductOfTheDimensions) {
  EXPECT_EQ(*checked_count("x", Shape{2, 3, 4}), 24U);
  EXPECT_EQ(*checked_count("x", Shape{}), 1U);
  EXPECT_EQ(*checked_count("x", Shape{5, 0}), 0U);
}

TEST(CheckedCount, RefusesNegativeAndOverflowingShapes) {
  EXPECT_THAT(checked_count("x", Shape{2, -1}).error().message, HasSubstr("the dimension -1"));
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_FALSE(checked_count("x", Shape{kMost}));
  EXPECT_FALSE(checked_count("x", Shape{kMost, kMost}));
  // 2^32 x 2^32 is 0 in 64 bits.
  EXPECT_FALSE(checked_count("x", Shape{std::int64_t{1} << 32, std::int64_t{1} << 32}));
  EXPECT_FALSE(checked_count("x", Shape(33, 1)));
}

TEST(BytesElements, ComeBackAsTheyWereAppended) {
  std::string data;
  append_bytes("a", data);
  append_bytes("", data);
  append_bytes("bcd", data);
  EXPECT_EQ(data, std::string("\1\0\0\0a\0\0\0\0\3\0\0\0bcd", 16));
  EXPECT_THAT(*split_bytes("x", raw(data), 3), ElementsAre("a", "", "bcd"));
}

TEST(BytesElements, AreRefusedWhereALengthLeadsBeyondTheData) {
  EXPECT_THAT(split_bytes("x", raw(std::string_view("\5\0\0\0ab", 6)), 1).error().message, HasSubstr("of 5 bytes"));
  EXPECT_FALSE(split_bytes("x", raw("\xFF\xFF\xFF\xFF"), 1));
  EXPECT_THAT(split_bytes("x", raw(std::string_view("\0\0", 2)), 1).error().message, HasSubstr("ends within"));
}

TEST(BytesElements, AreRefusedWhereTheirNumberIsAnother) {
  std::string data;
  append_bytes("a", data);
  append_bytes("b", data);
  EXPECT_THAT(split_bytes("x", raw(data), 1).error().message, HasSubstr("more than its 1 elements"));
  EXPECT_THAT(split_bytes("x", raw(data), 3).error().message, HasSubstr("has 2 elements; its shape makes 3"));
  EXPECT_FALSE(split_bytes("x", raw(data), std::numeric_limits<std::size_t>::max())) << "and takes no memory for them";
}

TEST(CheckInput, HoldsTheDataAgainstDatatypeAndShape) {
  InputTensor input{.name = "x", .datatype = DataType::fp32, .shape = {2}, .data = raw("12345678")};
  EXPECT_TRUE(check_input(input));
  input.shape = {3};
  EXPECT_THAT(check_input(input).error().message, HasSubstr("has 8 bytes; its shape and datatype make 12"));
  input.data = Elements{{"a", "b", "c"}};
  EXPECT_THAT(check_input(input).error().message, HasSubstr("datatype FP32"));
  input.datatype = DataType::bytes;
  EXPECT_TRUE(check_input(input));
  input.shape = {2, 2};
  EXPECT_THAT(check_input(input).error().message, HasSubstr("has 3 elements; its shape makes 4"));
}

}  // namespace
}  // namespace osprey::oip
