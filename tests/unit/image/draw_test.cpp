#include "image/draw.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace osprey::image {
namespace {

constexpr Color kRed{200, 0, 0};
constexpr int kFar = std::numeric_limits<int>::max();

Image grey_image(Size size, std::uint8_t value = 100) {
  Image image(size);
  std::memset(image.data(), value, Image::byte_count(size));
  return image;
}

Color at(const Image& image, int x, int y) {
  const std::uint8_t* const pixel = image.view().row(y) + x * kChannels;
  return {pixel[2], pixel[1], pixel[0]};
}

constexpr Color kGrey{100, 100, 100};

// Smoothed lines do not reach their full colour everywhere.
bool nearly(Color a, Color b) {
  return std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue) < 40;
}

// Smallest rectangle around all pixels that are not the background: left, top, right, bottom.
std::vector<int> changed_area(const Image& image) {
  std::vector<int> area{image.size().width, image.size().height, -1, -1};
  const Image background = grey_image({image.size().width, 1});
  for (int y = 0; y < image.size().height; ++y) {
    const auto length = static_cast<std::size_t>(image.stride());
    if (std::memcmp(image.view().row(y), background.data(), length) == 0) continue;
    for (int x = 0; x < image.size().width; ++x) {
      if (at(image, x, y) == kGrey) continue;
      area = {std::min(area[0], x), std::min(area[1], y), std::max(area[2], x), std::max(area[3], y)};
    }
  }
  return area;
}

TEST(ParseColor, ReadsHexDigitsOfBothCases) {
  EXPECT_EQ(*parse_color("#4892EA"), (Color{0x48, 0x92, 0xEA}));
  EXPECT_EQ(*parse_color("#ff00a0"), (Color{255, 0, 160}));
}

TEST(ParseColor, RefusesOtherForms) {
  for (const char* text :
       {"", "#", "4892EA", "#4892E", "#4892EAFF", "#48 2EA", "#GG0000", "#-12345", "#0x1234", "red"}) {
    SCOPED_TRACE(text);
    const Result<Color> color = parse_color(text);
    ASSERT_FALSE(color);
    EXPECT_THAT(color.error().message, ::testing::HasSubstr("#RRGGBB"));
  }
}

TEST(ClassColor, TellsNeighboursApart) {
  for (std::size_t i = 0; i < 80; ++i) {
    EXPECT_EQ(class_color(i), class_color(i));
    for (std::size_t j = i + 1; j < std::min<std::size_t>(i + 8, 80); ++j) {
      const Color a = class_color(i);
      const Color b = class_color(j);
      const int distance = std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue);
      EXPECT_GT(distance, 60) << i << " " << j;
    }
  }
}

TEST(ClassColor, IsNeverDarkNorGrey) {
  for (std::size_t i = 0; i < 200; ++i) {
    const Color color = class_color(i);
    const int high = std::max({color.red, color.green, color.blue});
    const int low = std::min({color.red, color.green, color.blue});
    EXPECT_GE(high, 200) << i;
    EXPECT_GE(high - low, 100) << i;
  }
}

TEST(TextColor, IsDarkOnBrightAndBrightOnDark) {
  EXPECT_EQ(text_color_on({255, 255, 0}), (Color{0, 0, 0}));
  EXPECT_EQ(text_color_on({0, 0, 160}), (Color{255, 255, 255}));
}

TEST(DrawRectangle, MarksTheEdgesAndLeavesTheInside) {
  Image image = grey_image({40, 30});
  ASSERT_TRUE(draw_rectangle(image, {10, 8}, {30, 20}, kRed, 1));
  EXPECT_EQ(at(image, 10, 8), kRed);
  EXPECT_EQ(at(image, 30, 20), kRed);
  EXPECT_EQ(at(image, 20, 8), kRed);
  EXPECT_EQ(at(image, 10, 15), kRed);
  EXPECT_EQ(at(image, 20, 15), kGrey);
  EXPECT_EQ(changed_area(image), (std::vector{10, 8, 30, 20}));
}

TEST(DrawRectangle, IsAsWideAsTheStroke) {
  Image image = grey_image({40, 30});
  ASSERT_TRUE(draw_rectangle(image, {10, 8}, {30, 20}, kRed, 3));
  EXPECT_EQ(changed_area(image), (std::vector{9, 7, 31, 21}));
  EXPECT_EQ(at(image, 20, 9), kRed);
  EXPECT_EQ(at(image, 20, 10), kGrey);
}

TEST(DrawRectangle, CutsOffWhatLiesOutside) {
  Image image = grey_image({40, 30});
  ASSERT_TRUE(draw_rectangle(image, {-kFar, -kFar}, {20, kFar}, kRed, 1));
  EXPECT_EQ(at(image, 20, 0), kRed);
  EXPECT_EQ(at(image, 20, 29), kRed);
  EXPECT_EQ(changed_area(image), (std::vector{20, 0, 20, 29})) << "only the right edge is within the image";
}

TEST(DrawDisc, FillsACircle) {
  Image image = grey_image({40, 30});
  ASSERT_TRUE(draw_disc(image, {20, 15}, 5, kRed));
  EXPECT_EQ(at(image, 20, 15), kRed);
  EXPECT_EQ(at(image, 24, 15), kRed);
  EXPECT_EQ(at(image, 25, 20), kGrey) << "the corner of the square around it";
  EXPECT_NEAR(changed_area(image)[1], 10, 1);
  EXPECT_NEAR(changed_area(image)[2], 25, 1);
}

TEST(DrawMask, TintsWhatItCoversAndNothingElse) {
  Image image = grey_image({10, 10});
  const std::vector<std::uint8_t> mask{1, 0, 0,  //
                                       1, 1, 0};
  ASSERT_TRUE(draw_mask(image, mask, {3, 2}, {4, 5}, {200, 0, 60}, 0.5, 0));
  const Color tinted{150, 50, 80};
  EXPECT_EQ(at(image, 4, 5), tinted);
  EXPECT_EQ(at(image, 4, 6), tinted);
  EXPECT_EQ(at(image, 5, 6), tinted);
  EXPECT_EQ(at(image, 5, 5), kGrey);
  EXPECT_EQ(changed_area(image), (std::vector{4, 5, 5, 6}));
}

TEST(DrawMask, OutlinesInTheFullColour) {
  Image image = grey_image({30, 30});
  const std::vector<std::uint8_t> mask(12 * 12, 255);
  ASSERT_TRUE(draw_mask(image, mask, {12, 12}, {8, 8}, kRed, 0.5, 1));
  EXPECT_TRUE(nearly(at(image, 8, 14), kRed));
  EXPECT_TRUE(nearly(at(image, 14, 19), kRed));
  EXPECT_EQ(at(image, 14, 14), (Color{150, 50, 50})) << "the inside is only tinted";
}

TEST(DrawMask, CutsOffWhatLiesOutside) {
  for (const Point corner : {Point{-2, -2}, Point{8, 8}, Point{-2, 8}}) {
    Image image = grey_image({10, 10});
    const std::vector<std::uint8_t> mask(4 * 4, 1);
    ASSERT_TRUE(draw_mask(image, mask, {4, 4}, corner, kRed, 0.5, 0));
    const auto area = changed_area(image);
    EXPECT_EQ(area[0], std::max(corner.x, 0));
    EXPECT_EQ(area[3], std::min(corner.y + 3, 9));
  }
  for (const Point corner : {Point{kFar, 0}, Point{-kFar, -kFar}, Point{10, 3}, Point{-4, 3}}) {
    Image image = grey_image({10, 10});
    const std::vector<std::uint8_t> mask(4 * 4, 1);
    ASSERT_TRUE(draw_mask(image, mask, {4, 4}, corner, kRed));
    EXPECT_EQ(changed_area(image)[2], -1);
  }
}

TEST(DrawMask, RefusesAMaskThatDoesNotFitItsSize) {
  Image image = grey_image({10, 10});
  const std::vector<std::uint8_t> mask(15, 1);
  const Status drawn = draw_mask(image, mask, {4, 4}, {0, 0}, kRed);
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().code, Code::invalid_argument);
  EXPECT_TRUE(draw_mask(image, {}, {0, 0}, {0, 0}, kRed));
}

TEST(DrawPolygon, ClosesTheOutline) {
  Image image = grey_image({30, 30});
  const std::vector<Point> points{{5, 5}, {25, 5}, {25, 25}, {5, 25}};
  ASSERT_TRUE(draw_polygon(image, points, kRed, 1));
  EXPECT_TRUE(nearly(at(image, 15, 5), kRed));
  EXPECT_TRUE(nearly(at(image, 5, 15), kRed)) << "from the last point back to the first";
  EXPECT_EQ(at(image, 15, 15), kGrey);
}

TEST(DrawLabel, StandsOnTheCornerWhereThereIsRoom) {
  Image image = grey_image({640, 480});
  ASSERT_TRUE(draw_label(image, "cat 0.87", {200, 300}, kRed));
  const auto area = changed_area(image);
  EXPECT_EQ(area[0], 200);
  EXPECT_EQ(area[3], 299);
  EXPECT_GT(area[2], 250);
  EXPECT_LT(area[1], 290);
}

TEST(DrawLabel, StaysInsideTheImageWhereverItIsPut) {
  for (const Point corner : {Point{0, 0}, Point{639, 479}, Point{630, 2}, Point{-kFar, -kFar}, Point{kFar, kFar}}) {
    Image image = grey_image({640, 480});
    Image expected = grey_image({640, 480});
    ASSERT_TRUE(draw_label(image, "cat 0.87", corner, kRed));
    ASSERT_TRUE(draw_label(expected, "cat 0.87", {200, 300}, kRed));
    const auto area = changed_area(image);
    const auto whole = changed_area(expected);
    EXPECT_EQ(area[2] - area[0], whole[2] - whole[0]) << corner.x << " " << corner.y;
    EXPECT_EQ(area[3] - area[1], whole[3] - whole[1]) << corner.x << " " << corner.y;
  }
}

TEST(DrawLabel, WritesInAColourThatCanBeRead) {
  Image image = grey_image({640, 480});
  ASSERT_TRUE(draw_label(image, "HHHH", {100, 100}, {0, 0, 120}));
  int brightest = 0;
  for (int y = 80; y < 100; ++y) {
    for (int x = 100; x < 180; ++x) brightest = std::max<int>(brightest, at(image, x, y).green);
  }
  EXPECT_GT(brightest, 200);
}

TEST(DrawLabel, GrowsWithTheImage) {
  Image small = grey_image({640, 480});
  Image large = grey_image({2560, 1920});
  ASSERT_TRUE(draw_label(small, "cat", {100, 100}, kRed));
  ASSERT_TRUE(draw_label(large, "cat", {400, 400}, kRed));
  EXPECT_GT(changed_area(large)[2] - changed_area(large)[0], 3 * (changed_area(small)[2] - changed_area(small)[0]));
}

TEST(Draw, CopesWithTinyImagesLongTextsAndOddBytes) {
  for (const Size size : {Size{1, 1}, Size{1, 40}, Size{3, 2}, Size{0, 0}, Size{500, 4}}) {
    Image image = grey_image(size);
    EXPECT_TRUE(draw_label(image, std::string(100'000, 'x'), {0, 0}, kRed));
    EXPECT_TRUE(draw_label(image, "", {5, 5}, kRed));
    EXPECT_TRUE(draw_label(image, "\xC3\xA9t\xC3\xA9 \xFF\x01%s%n", {0, 0}, kRed));
    EXPECT_TRUE(draw_rectangle(image, {5, 5}, {-5, -5}, kRed, kFar));
    EXPECT_TRUE(draw_disc(image, {kFar, -kFar}, kFar, kRed));
    EXPECT_TRUE(draw_disc(image, {0, 0}, -1, kRed));
    const std::vector<Point> points{{kFar, -kFar}, {-kFar, kFar}, {0, 0}};
    EXPECT_TRUE(draw_polygon(image, points, kRed, 0));
  }
}

}  // namespace
}  // namespace osprey::image
