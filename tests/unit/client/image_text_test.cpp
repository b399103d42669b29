#include "client/image_text.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "image/decode.hpp"
#include "image/ndarray.hpp"

namespace osprey::client {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::size_t kLimit = 10'000'000;

Json sent(const Image& image, PixelForm form = PixelForm::numpy) {
  std::string text;
  const auto problem = append_image(image, form, kLimit, text);
  EXPECT_FALSE(problem) << problem->message;
  return Json::parse(text);
}

std::vector<std::byte> bytes_in(const Json& image) {
  auto bytes = decode_base64(image["value"].get<std::string>());
  EXPECT_TRUE(bytes);
  return bytes ? std::move(*bytes) : std::vector<std::byte>();
}

std::string refusal(const Image& image, std::size_t limit = kLimit) {
  std::string text;
  const auto problem = append_image(image, PixelForm::numpy, limit, text);
  EXPECT_TRUE(problem);
  EXPECT_EQ(problem->kind, ErrorKind::invalid_argument);
  return problem->message;
}

/// Bytes that differ from one place to the next.
std::vector<std::uint8_t> pattern(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + i / 256);
  return bytes;
}

class ImageTextFile : public testing::Test {
 protected:
  ImageTextFile() { std::filesystem::create_directories(folder); }
  ~ImageTextFile() override { std::filesystem::remove_all(folder); }

  std::filesystem::path write(std::size_t count) const {
    const auto bytes = pattern(count);
    std::ofstream(folder / "file", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(count));
    return folder / "file";
  }

  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "osprey_image_text_test";
};

TEST_F(ImageTextFile, ItsBytesAreSentAsTheyAre) {
  // One piece, its borders, and several of the pieces that a file is read in.
  for (const std::size_t count : {1U, 2U, 3U, 4U, 196'607U, 196'608U, 196'609U, 500'000U}) {
    const Json image = sent(Image::from_file(write(count)));
    EXPECT_EQ(image["type"], "base64");
    const auto expected = pattern(count);
    const auto found = bytes_in(image);
    ASSERT_EQ(found.size(), count);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), reinterpret_cast<const std::uint8_t*>(found.data())));
  }
}

TEST_F(ImageTextFile, WhatCannotBeReadIsNamed) {
  EXPECT_THAT(refusal(Image::from_file(folder / "missing")), HasSubstr("missing': No such file"));
  EXPECT_THAT(refusal(Image::from_file(folder)), HasSubstr("it is a folder"));
  EXPECT_THAT(refusal(Image::from_file(write(0))), HasSubstr("it is empty"));
  EXPECT_THAT(refusal(Image::from_file(write(100)), 99), HasSubstr("100 bytes is larger than the limit of 99"));
}

TEST(ImageText, BytesAreSentAsTheyAre) {
  const auto bytes = pattern(100);
  const Json image = sent(Image::from_bytes(std::as_bytes(std::span(bytes))));
  EXPECT_EQ(image["type"], "base64");
  const auto found = bytes_in(image);
  EXPECT_TRUE(std::ranges::equal(found, std::as_bytes(std::span(bytes))));
  EXPECT_THAT(refusal(Image::from_bytes({})), HasSubstr("without bytes"));
}

TEST(ImageText, AUrlIsQuoted) {
  const Json image = sent(Image::from_url("http://example.org/\"a\\b\".jpg"));
  EXPECT_EQ(image["type"], "url");
  EXPECT_EQ(image["value"], "http://example.org/\"a\\b\".jpg");
}

/// What the server makes of the pixels.
image::Image received(const Json& sent_image) {
  const auto bytes = bytes_in(sent_image);
  auto decoded =
      sent_image["type"] == "numpy" ? image::image_from_pickled_ndarray(bytes, {}) : image::decode(bytes, {});
  EXPECT_TRUE(decoded) << decoded.error().message;
  return decoded ? std::move(*decoded) : image::Image();
}

class ImageTextPixels : public testing::TestWithParam<PixelForm> {};

TEST_P(ImageTextPixels, ArriveAsTheyAre) {
  for (const int width : {1, 2, 3, 4, 5, 31}) {  // rows of a bitmap are padded to four bytes
    const auto pixels = pattern(static_cast<std::size_t>(width) * 3 * 7);
    const auto image =
        received(sent(Image::from_pixels({.data = pixels.data(), .width = width, .height = 7}), GetParam()));
    ASSERT_EQ(image.size(), (image::Size{width, 7}));
    EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), image.data()));
  }
}

TEST_P(ImageTextPixels, RedAndBlueOfRgbAreExchanged) {
  const std::array<std::uint8_t, 6> rgb{1, 2, 3, 4, 5, 6};
  const std::array<std::uint8_t, 6> bgr{3, 2, 1, 6, 5, 4};
  const PixelView view{.data = rgb.data(), .width = 2, .height = 1, .order = PixelOrder::rgb};
  const auto image = received(sent(Image::from_pixels(view), GetParam()));
  ASSERT_EQ(image.size(), (image::Size{2, 1}));
  EXPECT_TRUE(std::equal(bgr.begin(), bgr.end(), image.data()));
}

TEST_P(ImageTextPixels, GreyIsRepeated) {
  const std::array<std::uint8_t, 2> grey{10, 200};
  const std::array<std::uint8_t, 6> bgr{10, 10, 10, 200, 200, 200};
  const PixelView view{.data = grey.data(), .width = 2, .height = 1, .order = PixelOrder::grey};
  const auto image = received(sent(Image::from_pixels(view), GetParam()));
  ASSERT_EQ(image.size(), (image::Size{2, 1}));
  EXPECT_TRUE(std::equal(bgr.begin(), bgr.end(), image.data()));
}

TEST_P(ImageTextPixels, WhatLiesBetweenRowsIsLeftOut) {
  const auto pixels = pattern(2 * 10);
  const PixelView view{.data = pixels.data(), .width = 2, .height = 2, .stride = 10};
  const auto image = received(sent(Image::from_pixels(view), GetParam()));
  ASSERT_EQ(image.size(), (image::Size{2, 2}));
  EXPECT_TRUE(std::equal(pixels.begin(), pixels.begin() + 6, image.data()));
  EXPECT_TRUE(std::equal(pixels.begin() + 10, pixels.begin() + 16, image.data() + 6));
}

INSTANTIATE_TEST_SUITE_P(Forms, ImageTextPixels, testing::Values(PixelForm::numpy, PixelForm::bmp));

TEST(ImageText, PixelsNeedASize) {
  const std::uint8_t pixel = 0;
  EXPECT_THAT(refusal(Image::from_pixels({})), HasSubstr("without a size"));
  EXPECT_THAT(refusal(Image::from_pixels({.data = &pixel, .width = 0, .height = 1})), HasSubstr("without a size"));
  EXPECT_THAT(refusal(Image::from_pixels({.data = &pixel, .width = 1 << 20, .height = 1 << 20})), HasSubstr("limit"));
}

}  // namespace
}  // namespace osprey::client
