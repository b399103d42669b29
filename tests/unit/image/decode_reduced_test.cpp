// JPEGs that the decoder makes smaller.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "image/decode.hpp"
#include "image/encode.hpp"

namespace osprey::image {
namespace {

/// A JPEG whose brightness rises to the right and to the bottom.
std::vector<std::byte> slope(int width, int height) {
  Image image({width, height});
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto value = static_cast<std::uint8_t>(100 * x / width + 100 * y / height);
      std::fill_n(image.row(y) + x * kChannels, kChannels, value);
    }
  }
  return std::move(encode_jpeg(image.view(), 95)).value();
}

Size reduced(Size picture, Reduction reduction) {
  const auto bytes = slope(picture.width, picture.height);
  const auto decoded = decode_reduced(bytes, {}, reduction);
  EXPECT_TRUE(decoded);
  EXPECT_EQ(decoded->full, picture);
  return decoded->image.size();
}

TEST(DecodeReduced, TakesTheSmallestScaleThatStillFillsTheTarget) {
  EXPECT_EQ(reduced({800, 600}, {{100, 75}}), (Size{100, 75}));
  EXPECT_EQ(reduced({800, 600}, {{101, 75}}), (Size{200, 150}));
  EXPECT_EQ(reduced({800, 600}, {{100, 76}}), (Size{200, 150}));
  EXPECT_EQ(reduced({800, 600}, {{400, 100}}), (Size{400, 300}));
  EXPECT_EQ(reduced({800, 600}, {{401, 100}}), (Size{800, 600}));
  EXPECT_EQ(reduced({800, 600}, {{2000, 2000}}), (Size{800, 600}));
}

TEST(DecodeReduced, InsideATargetOnlyTheLongerSideHasToReachIt) {
  EXPECT_EQ(reduced({800, 400}, {{200, 200}, true}), (Size{200, 100}));
  EXPECT_EQ(reduced({800, 400}, {{200, 200}, false}), (Size{400, 200}));
}

TEST(DecodeReduced, RoundsOddSidesUp) {
  EXPECT_EQ(reduced({801, 603}, {{100, 75}}), (Size{101, 76}));
}

TEST(DecodeReduced, PixelsAreThoseOfTheWholePicture) {
  const auto bytes = slope(640, 480);
  const auto decoded = decode_reduced(bytes, {}, Reduction{{80, 60}});
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->image.size(), (Size{80, 60}));
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 80; ++x) {
      const double expected = 100.0 * (8 * x + 3.5) / 640 + 100.0 * (8 * y + 3.5) / 480;
      EXPECT_NEAR(decoded->image.view().row(y)[x * kChannels], expected, 2.5) << x << ", " << y;
    }
  }
}

TEST(DecodeReduced, AnOrientationTurnsThePictureAndItsFullSize) {
  for (const char* name : {"exif1.jpg", "exif6.jpg"}) {
    const auto bytes = testing::read_fixture(name);
    const auto whole = decode(bytes, {});
    ASSERT_TRUE(whole);
    const Size full = whole->size();
    const Size half{(full.width + 1) / 2, (full.height + 1) / 2};
    const auto decoded = decode_reduced(bytes, {}, Reduction{{full.width / 2, full.height / 2}});
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->full, full) << name;
    EXPECT_EQ(decoded->image.size(), half) << name;
  }
}

TEST(DecodeReduced, ATargetLiesAsThePictureIsShown) {
  const auto bytes = testing::read_fixture("exif6.jpg");
  const Size full = decode(bytes, {})->size();
  ASSERT_NE(full.width, full.height);
  // Filled only by half of each side of the picture as it is shown; as it is stored, it would not be.
  const auto decoded = decode_reduced(bytes, {}, Reduction{{full.width / 2, full.height / 2}});
  EXPECT_LT(decoded->image.size().width, full.width);
}

TEST(DecodeReduced, OtherFormatsAndNoReductionGiveAllPixels) {
  const auto png = testing::read_fixture("rgb.png");
  const Size size = decode(png, {})->size();
  const auto decoded = decode_reduced(png, {}, Reduction{{1, 1}});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->image.size(), size);
  EXPECT_EQ(decoded->full, size);
  const auto jpeg = testing::read_fixture("rgb_420.jpg");
  const auto all = decode_reduced(jpeg, {}, std::nullopt);
  ASSERT_TRUE(all);
  EXPECT_EQ(testing::pixels_of(all->image), testing::pixels_of(*decode(jpeg, {})));
}

TEST(DecodeReduced, LimitsHoldForTheWholePicture) {
  const auto bytes = slope(640, 480);
  DecodeOptions options;
  options.limits.max_pixels = 640 * 480 - 1;
  const auto decoded = decode_reduced(bytes, options, Reduction{{80, 60}});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Code::payload_too_large);
}

TEST(DecodeReduced, BrokenJpegsAreRefusedAtAnyScale) {
  for (const char* name : {"cut_at_60_percent.jpg", "header_only.jpg"}) {
    EXPECT_FALSE(decode_reduced(testing::read_fixture(name), {}, Reduction{{8, 8}})) << name;
  }
  const auto cmyk = decode_reduced(testing::read_fixture("cmyk.jpg"), {}, Reduction{{8, 8}});
  EXPECT_TRUE(cmyk);
}

}  // namespace
}  // namespace osprey::image
