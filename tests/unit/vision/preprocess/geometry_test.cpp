#include "vision/geometry.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

Geometry identity(Size image) {
  Geometry geometry;
  geometry.image = geometry.crop = geometry.network = image;
  return geometry;
}

TEST(BoxToImage, TakesPadsOffThenUndoesTheScaleThenAddsTheCrop) {
  Geometry geometry = identity({1000, 800});
  geometry.crop_x = 100;
  geometry.crop_y = 50;
  geometry.pad_left = 16;
  geometry.pad_top = 8;
  geometry.scale_w = 0.5F;
  geometry.scale_h = 0.25F;
  // (26-16)/0.5+100, (18-8)/0.25+50, (66-16)/0.5+100, (58-8)/0.25+50
  EXPECT_EQ(to_image(Box{26, 18, 66, 58}, geometry), (Box{120, 90, 200, 250}));
}

TEST(BoxToImage, RoundsHalvesToTheEvenNeighbour) {
  const Geometry geometry = identity({100, 100});
  EXPECT_EQ(to_image(Box{0.5F, 1.5F, 2.5F, 3.5F}, geometry), (Box{0, 2, 2, 4}));
  EXPECT_EQ(to_image(Box{0.51F, 1.49F, 2.51F, 3.49F}, geometry), (Box{1, 1, 3, 3}));
}

TEST(BoxToImage, ClampsToTheImageAndNotToTheCrop) {
  Geometry geometry = identity({100, 80});
  geometry.crop = {50, 40};
  geometry.crop_x = 25;
  geometry.crop_y = 20;
  EXPECT_EQ(to_image(Box{-10, -10, 60, 50}, geometry), (Box{15, 10, 85, 70}));
  EXPECT_EQ(to_image(Box{-100, -100, 900, 900}, geometry), (Box{0, 0, 100, 80}));
}

TEST(BoxToImage, ClampsBeforeItRounds) {
  const Geometry geometry = identity({3, 3});
  EXPECT_EQ(to_image(Box{-0.5F, -0.7F, 3.4F, 3.6F}, geometry), (Box{0, 0, 3, 3}));
}

TEST(BoxToImage, DividesInFloat32) {
  // The scale as float32 is off a little: 96 / scale is 121.4999991 in double, but 121.5 in float32, which goes to 122.
  Geometry geometry = identity({810, 810});
  geometry.scale_w = geometry.scale_h = static_cast<float>(640.0 / 810);
  EXPECT_EQ(to_image(Box{96, 0, 0, 0}, geometry).x1, 122.0F);
}

TEST(BoxToImage, TurnsNotANumberAndInfinityIntoCornersOfTheImage) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(to_image(Box{nan, -infinity, infinity, nan}, identity({10, 10})), (Box{0, 0, 10, 0}));
}

TEST(BoxToImage, UndoesTheCutOfACenterCrop) {
  Geometry geometry = identity({100, 100});
  geometry.pad_left = -30;
  geometry.pad_top = -20;
  EXPECT_EQ(to_image(Box{0, 0, 10, 10}, geometry), (Box{30, 20, 40, 30}));
}

TEST(PointToImage, RoundsHalvesToEvenAndMayLieOutside) {
  Geometry geometry = identity({10, 10});
  geometry.crop_x = 1;
  geometry.pad_top = 4;
  EXPECT_EQ(to_image(Point{-20.5F, 0}, geometry), (Point{-20, -4}));
  EXPECT_EQ(to_image(Point{20.5F, 20}, geometry), (Point{22, 16}));
}

}  // namespace
}  // namespace osprey::vision
