#include "image/exif.hpp"

#include <gtest/gtest.h>

#include <string>

#include "fixtures.hpp"

namespace osprey::image {
namespace {

using testing::bytes_of;
using namespace std::string_literals;

const std::string kLittle = "II*\0\x08\0\0\0"s;
const std::string kBig = "MM\0*\0\0\0\x08"s;

int orientation_in(const std::string& block) {
  return exif_orientation(bytes_of(block));
}

TEST(Exif, ReadsTheOrientationInBothByteOrders) {
  EXPECT_EQ(orientation_in(kLittle + "\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s), 6);
  EXPECT_EQ(orientation_in(kBig + "\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0"s), 8);
}

TEST(Exif, FindsTheOrientationBehindOtherTags) {
  const std::string make = "\x0F\x01\x02\0\x04\0\0\0abc\0"s;
  EXPECT_EQ(orientation_in(kLittle + "\x02\0"s + make + "\x12\x01\x03\0\x01\0\0\0\x03\0\0\0"s), 3);
}

TEST(Exif, TakesAnOrientationOutOfRangeAsUpright) {
  EXPECT_EQ(orientation_in(kLittle + "\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"s), 1);
  EXPECT_EQ(orientation_in(kLittle + "\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0"s), 1);
}

TEST(Exif, TakesABrokenBlockAsUpright) {
  EXPECT_EQ(orientation_in(""), 1);
  EXPECT_EQ(orientation_in("II*\0"s), 1);
  EXPECT_EQ(orientation_in("IM*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s), 1);
  EXPECT_EQ(orientation_in("II+\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s), 1);
  EXPECT_EQ(orientation_in("II*\0\xFF\xFF\xFF\xFF\x01\0"s), 1) << "the directory lies outside";
  EXPECT_EQ(orientation_in(kLittle + "\xFF\xFF"s), 1) << "more entries than bytes";
}

TEST(Exif, ReadsNothingBehindACutBlock) {
  const std::string whole = kLittle + "\x02\0\x0F\x01\x02\0\x04\0\0\0abc\0\x12\x01\x03\0\x01\0\0\0\x03\0"s;
  EXPECT_EQ(orientation_in(whole), 3);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const testing::Bytes cut(bytes_of(whole).begin(), bytes_of(whole).begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(exif_orientation(cut), 1) << length;
  }
}

}  // namespace
}  // namespace osprey::image
