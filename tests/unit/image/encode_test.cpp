#include "image/encode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "image/decode.hpp"

namespace osprey::image {
namespace {

using ::testing::HasSubstr;
using testing::read_fixture;

TEST(EncodeJpeg, WritesWhatOpenCvWrites) {
  const Result<Image> image = decode(read_fixture("rgb.bmp"), {});
  ASSERT_TRUE(image);
  const auto encoded = encode_jpeg(image->view(), 90);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(*encoded, read_fixture("encoded_quality90.jpg"));
}

TEST(EncodeJpeg, TakesAViewWhoseRowsAreApart) {
  const Result<Image> image = decode(read_fixture("rgb.bmp"), {});
  ASSERT_TRUE(image);
  const ImageView part{image->data() + 3, {4, 5}, image->stride()};
  const auto encoded = encode_jpeg(part, 95);
  ASSERT_TRUE(encoded);
  const Result<Image> back = decode(*encoded, {});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->size(), (Size{4, 5}));
  EXPECT_NEAR(back->data()[0], part.data[0], 30);
}

TEST(EncodeJpeg, RefusesAQualityOutOfRange) {
  const Image image({1, 1});
  for (const int quality : {0, 101, -5}) {
    const auto encoded = encode_jpeg(image.view(), quality);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().code, Code::invalid_argument);
    EXPECT_THAT(encoded.error().message, HasSubstr("1 to 100"));
  }
}

TEST(EncodeJpeg, RefusesASizeThatJpegCannotTell) {
  const std::vector<std::uint8_t> row(65'536 * 3);
  EXPECT_FALSE(encode_jpeg({row.data(), {65'536, 1}, 65'536 * 3}, 90));
  EXPECT_FALSE(encode_jpeg({row.data(), {0, 1}, 0}, 90));
}

TEST(EncodePngGrey, KeepsEveryPixel) {
  std::vector<std::uint8_t> grey(11 * 7);
  for (std::size_t i = 0; i < grey.size(); ++i) grey[i] = static_cast<std::uint8_t>(i * 37 % 256);
  const auto encoded = encode_png_grey(grey, {11, 7});
  ASSERT_TRUE(encoded);
  const Result<Image> back = decode(*encoded, {});
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), (Size{11, 7}));
  for (std::size_t i = 0; i < grey.size(); ++i) ASSERT_EQ(back->data()[3 * i], grey[i]) << i;
  // Bit depth 8, colour type 0 (grey), as IHDR has them.
  EXPECT_EQ((*encoded)[24], std::byte{8});
  EXPECT_EQ((*encoded)[25], std::byte{0});
}

TEST(EncodePngGrey, RefusesPixelsThatDoNotFitTheSize) {
  const std::vector<std::uint8_t> grey(12);
  for (const Size size : {Size{3, 3}, Size{4, 4}, Size{5, 2}, Size{0, 0}, Size{-3, -4}}) {
    EXPECT_FALSE(encode_png_grey(grey, size));
  }
  EXPECT_TRUE(encode_png_grey(grey, {4, 3}));
}

}  // namespace
}  // namespace osprey::image
