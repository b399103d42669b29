#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "vision/masks.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;

MaskRegion region(int x, int y, std::initializer_list<const char*> rows) {
  MaskRegion mask{x, y, {0, static_cast<int>(rows.size())}, {}};
  for (const std::string row : rows) {
    mask.size.width = static_cast<int>(row.size());
    for (const char c : row) mask.pixels.push_back(c == '#' ? 1 : 0);
  }
  return mask;
}

TEST(Polygon, IsTheCornersOfARectangleWithTheRegionsOffset) {
  EXPECT_THAT(mask_polygon(region(10, 20, {"###", "###"})),
              ElementsAre(Point{10, 20}, Point{10, 21}, Point{12, 21}, Point{12, 20}));
}

TEST(Polygon, IsEmptyForAnEmptyMask) {
  EXPECT_TRUE(mask_polygon({}).empty());
  EXPECT_TRUE(mask_polygon(region(3, 3, {"...", "..."})).empty());
}

TEST(Polygon, IsTheContourWithTheMostVerticesNotTheLargest) {
  // A big rectangle of four vertices, and a small plus sign with more.
  const auto polygon = mask_polygon(region(0, 0,
                                           {"######....",  //
                                            "######..#.",  //
                                            "######.###",  //
                                            "######..#."}));
  ASSERT_EQ(polygon.size(), 4U);  // the plus: its four tips
  EXPECT_THAT(polygon, testing::Each(testing::Field(&Point::x, testing::Ge(7.0F))));
}

TEST(Polygon, IsTheLowestContourOnTies) {
  EXPECT_THAT(mask_polygon(region(0, 0, {"##....", "##....", "......", "....##", "....##"})),
              ElementsAre(Point{4, 3}, Point{4, 4}, Point{5, 4}, Point{5, 3}));
}

TEST(Polygon, IgnoresHoles) {
  EXPECT_THAT(mask_polygon(region(0, 0, {"####", "#..#", "#..#", "####"})),
              ElementsAre(Point{0, 0}, Point{0, 3}, Point{3, 3}, Point{3, 0}));
}

/// What OpenCV finds on the whole canvas.
std::vector<Point> on_canvas(const MaskRegion& mask, Size canvas) {
  cv::Mat pixels(canvas.height, canvas.width, CV_8UC1, cv::Scalar(0));
  for (int y = 0; y < mask.size.height; ++y) {
    for (int x = 0; x < mask.size.width; ++x) {
      pixels.at<std::uint8_t>(mask.y + y, mask.x + x) = mask.pixels[static_cast<std::size_t>(y * mask.size.width + x)];
    }
  }
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(pixels, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
  std::vector<Point> best;
  for (const auto& contour : contours) {
    if (contour.size() <= best.size()) continue;
    best.clear();
    for (const cv::Point& point : contour) best.push_back({static_cast<float>(point.x), static_cast<float>(point.y)});
  }
  return best;
}

TEST(Polygon, OfARegionEqualsThatOfTheWholeCanvas) {
  std::mt19937 random(3);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  for (int round = 0; round < 300; ++round) {
    // Regions that touch the canvas's border, their own, both or neither.
    const Size canvas{3 + below(40), 3 + below(40)};
    MaskRegion mask{below(canvas.width), below(canvas.height), {}, {}};
    mask.size = {1 + below(canvas.width - mask.x), 1 + below(canvas.height - mask.y)};
    const auto density = 1 + random() % 9;
    for (int i = 0; i < mask.size.width * mask.size.height; ++i) mask.pixels.push_back(random() % 10 < density ? 1 : 0);
    ASSERT_EQ(mask_polygon(mask), on_canvas(mask, canvas)) << round;
  }
}

}  // namespace
}  // namespace osprey::vision
