#include "image/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <set>

#include "fixtures.hpp"

namespace osprey::image {
namespace {

using testing::Bytes;
using testing::bytes_of;
using testing::expectations;
using ::testing::HasSubstr;
using testing::Pixels;
using testing::pixels_of;
using testing::read_fixture;

const DecodeOptions kUpright{.auto_orient = true, .limits = {}};
const DecodeOptions kStored{.auto_orient = false, .limits = {}};

void expect_not_an_image(const Result<Image>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::invalid_argument);
  EXPECT_EQ(result.error().message, "Data is not image.");
}

TEST(Decode, GivesThePixelsThatOpenCvGives) {
  int decoded = 0;
  for (const auto& expected : expectations()) {
    SCOPED_TRACE(expected.name);
    const Bytes bytes = read_fixture(expected.name);
    const Result<Image> upright = decode(bytes, kUpright);
    if (expected.refused) {
      expect_not_an_image(upright);
      continue;
    }
    ASSERT_TRUE(upright) << upright.error().message;
    EXPECT_EQ(pixels_of(*upright), expected.upright);
    const Result<Image> stored = decode(bytes, kStored);
    ASSERT_TRUE(stored);
    EXPECT_EQ(pixels_of(*stored), expected.stored);
    ++decoded;
  }
  EXPECT_GT(decoded, 90) << "the fixtures are missing";
}

TEST(Decode, RefusesBytesOfNoKnownFormat) {
  for (const std::string text :
       {"", "B", "GIF", "hello, this is text", "<html>", "\xFF\xD8", "RIFF....WAVEfmt ", "%PDF-1.7"}) {
    SCOPED_TRACE(text);
    expect_not_an_image(decode(bytes_of(text), kUpright));
  }
}

TEST(Decode, RefusesTooManyEncodedBytesNamingBothNumbers) {
  DecodeOptions options;
  options.limits.max_bytes = 100;
  const Result<Image> result = decode(read_fixture("rgb.bmp"), options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::payload_too_large);
  EXPECT_THAT(result.error().message, HasSubstr("100 bytes"));
  EXPECT_THAT(result.error().message, HasSubstr(std::to_string(read_fixture("rgb.bmp").size())));
}

TEST(Decode, HoldsEachFormatToTheLimits) {
  for (const char* name : {"rgb_444.jpg", "rgb.png", "lossless.webp", "rgb_raw.tiff", "rgb.bmp", "plain.gif"}) {
    SCOPED_TRACE(name);
    const Bytes bytes = read_fixture(name);  // 13 x 9 pixels
    DecodeOptions options;
    options.limits.max_pixels = 13 * 9;
    options.limits.max_side = 13;
    EXPECT_TRUE(decode(bytes, options));
    options.limits.max_pixels = 13 * 9 - 1;
    const Result<Image> area = decode(bytes, options);
    ASSERT_FALSE(area);
    EXPECT_EQ(area.error().code, Code::payload_too_large);
    EXPECT_THAT(area.error().message, HasSubstr("13 x 9"));
    EXPECT_THAT(area.error().message, HasSubstr("limit of 116 pixels"));
    options.limits.max_pixels = 13 * 9;
    options.limits.max_side = 12;
    const Result<Image> side = decode(bytes, options);
    ASSERT_FALSE(side);
    EXPECT_EQ(side.error().code, Code::payload_too_large);
    EXPECT_THAT(side.error().message, HasSubstr("12 pixels a side"));
  }
}

// A header that promises a huge image must be refused from the header alone, not by running out of memory.
TEST(Decode, RefusesAHugeSizeInASmallFile) {
  struct Patch {
    const char* name;
    std::size_t at;      // where width and height are
    std::size_t length;  // of each
    bool big_endian;
  };
  for (const Patch& patch :
       {Patch{"rgb.png", 16, 4, true}, Patch{"rgb.bmp", 18, 4, false}, Patch{"plain.gif", 6, 2, false}}) {
    SCOPED_TRACE(patch.name);
    Bytes bytes = read_fixture(patch.name);
    for (std::size_t i = 0; i < 2 * patch.length; ++i) {
      const bool high = (i % patch.length) / 2 == (patch.big_endian ? 0 : 1) && patch.length == 4;
      bytes[patch.at + i] = high ? std::byte{0} : std::byte{0xFF};  // 65,535 x 65,535
    }
    if (std::strcmp(patch.name, "rgb.png") == 0) {
      // Its checksum is wrong now, so it is refused even earlier.
      EXPECT_FALSE(decode(bytes, kUpright));
      continue;
    }
    const Result<Image> result = decode(bytes, kUpright);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::payload_too_large) << result.error().message;
  }
}

// One file of each way through the decoders.
const std::vector<std::string> kSmallFiles{
    "rgb_420.jpg",        "progressive.jpg", "cmyk.jpg",         "exif6.jpg",    "rgb.png",
    "rgb_interlaced.png", "palette.png",     "exif6.png",        "grey16.png",   "lossy.webp",
    "lossless.webp",      "animated.webp",   "lossy_alpha.webp", "rgb_raw.tiff", "rgb_tiff_lzw.tiff",
    "rgb_jpeg.tiff",      "tiled.tiff",      "planar.tiff",      "group4.tiff",  "palette.tiff",
    "orientation6.tiff",  "rgb.bmp",         "palette.bmp",      "plain.gif",    "interlaced.gif",
    "animated.gif",       "exif3.webp",      "rgb_packbits.tiff"};

TEST(Decode, SurvivesAFileCutAtEveryByte) {
  for (const std::string& name : kSmallFiles) {
    SCOPED_TRACE(name);
    const Bytes bytes = read_fixture(name);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const Bytes cut(bytes.begin(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(length));  // exact size, for sanitizers
      const Result<Image> result = decode(cut, kUpright);
      if (result) {
        EXPECT_LE(Image::byte_count(result->size()), 64U * 64 * 3);
      } else {
        EXPECT_FALSE(result.error().message.empty());
      }
    }
  }
}

TEST(Decode, SurvivesDamagedBytes) {
  std::mt19937 random(7);
  DecodeOptions options;
  options.limits.max_pixels = 1'000'000;
  for (const std::string& name : kSmallFiles) {
    SCOPED_TRACE(name);
    const Bytes bytes = read_fixture(name);
    for (int round = 0; round < 100; ++round) {
      Bytes damaged = bytes;
      for (unsigned i = 0; i < 1 + random() % 4; ++i)
        damaged[random() % damaged.size()] = static_cast<std::byte>(random());
      const Result<Image> result = decode(damaged, options);
      if (result) {
        EXPECT_LE(Image::byte_count(result->size()), 3'000'000U);
      }
    }
  }
}

TEST(Decode, RefusesABmpOfAnImpossibleDepth) {
  for (const int bits : {0, 2, 64, 255}) {
    Bytes bytes = read_fixture("rgb.bmp");
    bytes[28] = static_cast<std::byte>(bits);
    expect_not_an_image(decode(bytes, kUpright));
  }
}

TEST(Decode, RefusesAJpegWithoutItsEndEvenIfOnlyTheLastByteIsMissing) {
  Bytes bytes = read_fixture("rgb_420.jpg");
  bytes.pop_back();
  expect_not_an_image(decode(bytes, kUpright));
}

}  // namespace
}  // namespace osprey::image
