// The steps before the resize: static crop, grayscale, and their order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pictures.hpp"

namespace osprey::vision {
namespace {

using testing::HasSubstr;

image::Image coordinates(Size size) {
  return paint(size, [](int x, int y) { return std::array{std::uint8_t(x), std::uint8_t(y), std::uint8_t{7}}; });
}

TEST(StaticCrop, TruncatesItsEdgesAndKeepsTheOffset) {
  // 15% of 33 = 4.95, 80% of 33 = 26.4; 10% of 27 = 2.7, 95% of 27 = 25.65
  PreprocessPlan plan = pixel_plan({22, 23});
  plan.static_crop = StaticCrop{15, 80, 10, 95};
  const Prepared prepared = prepare(coordinates({33, 27}), plan);
  EXPECT_EQ(prepared.geometry.crop_x, 4);
  EXPECT_EQ(prepared.geometry.crop_y, 2);
  EXPECT_EQ(prepared.geometry.crop, (Size{22, 23}));
  EXPECT_EQ(prepared.geometry.image, (Size{33, 27}));
  EXPECT_EQ(prepared.at(0, 0, 0), 4.0F);
  EXPECT_EQ(prepared.at(1, 0, 0), 2.0F);
  EXPECT_EQ(prepared.at(0, 21, 22), 25.0F);
  EXPECT_EQ(prepared.at(1, 21, 22), 24.0F);
}

TEST(StaticCrop, ScalesAreThoseOfTheCroppedPart) {
  PreprocessPlan plan = pixel_plan({100, 100});
  plan.static_crop = StaticCrop{25, 75, 0, 100};
  const Geometry geometry = prepare(coordinates({100, 50}), plan).geometry;
  EXPECT_EQ(geometry.scale_w, 2.0F);
  EXPECT_EQ(geometry.scale_h, 2.0F);
  EXPECT_EQ(to_image(Box{0, 0, 100, 100}, geometry), (Box{25, 0, 75, 50}));
}

TEST(StaticCrop, CanBeSwitchedOffByTheRequest) {
  PreprocessPlan plan = pixel_plan({20, 10});
  plan.static_crop = StaticCrop{50, 100, 50, 100};
  PreprocessSwitches switches;
  switches.disable_static_crop = true;
  const image::Image picture = coordinates({20, 10});
  const Prepared prepared = prepare(picture, plan, switches);
  EXPECT_EQ(count_differences(prepared, picture), 0);
  EXPECT_EQ(prepared.geometry.crop_x, 0);
  EXPECT_EQ(prepared.geometry.crop, (Size{20, 10}));
}

TEST(StaticCrop, ThatLeavesNothingIsAnErrorThatNamesIt) {
  PreprocessPlan plan = pixel_plan({4, 4});
  std::vector<float> tensor(48);
  const image::Image dot = plain({1, 1}, {1, 2, 3});
  for (const StaticCrop crop : {StaticCrop{0, 90, 0, 100}, StaticCrop{0, 100, 50, 50}, StaticCrop{80, 20, 0, 100},
                                StaticCrop{100, 200, 0, 100}, StaticCrop{-50, -10, 0, 100}}) {
    plan.static_crop = crop;
    const Result<Geometry> geometry = preprocess(dot.view(), plan, {}, tensor);
    ASSERT_FALSE(geometry);
    EXPECT_EQ(geometry.error().code, Code::invalid_argument);
    EXPECT_THAT(geometry.error().message, HasSubstr("static crop"));
    EXPECT_THAT(geometry.error().message, HasSubstr("1x1"));
  }
}

TEST(StaticCrop, BeyondTheImageEndsAtItsEdge) {
  PreprocessPlan plan = pixel_plan({10, 10});
  plan.static_crop = StaticCrop{-20, 130, 0, 2'000'000'000};
  EXPECT_EQ(prepare(coordinates({10, 200}), plan).geometry.crop, (Size{10, 200}));
}

TEST(Grayscale, WeighsBlueGreenAndRedAsLuma) {
  PreprocessPlan plan = pixel_plan({1, 1});
  plan.grayscale = true;
  const auto gray = [&](std::array<std::uint8_t, 3> bgr) {
    const Prepared prepared = prepare(plain({1, 1}, bgr), plan);
    EXPECT_EQ(prepared.at(0, 0, 0), prepared.at(1, 0, 0));
    EXPECT_EQ(prepared.at(0, 0, 0), prepared.at(2, 0, 0));
    return prepared.at(0, 0, 0);
  };
  EXPECT_EQ(gray({255, 0, 0}), 29.0F);   // 0.114
  EXPECT_EQ(gray({0, 255, 0}), 150.0F);  // 0.587
  EXPECT_EQ(gray({0, 0, 255}), 76.0F);   // 0.299
  EXPECT_EQ(gray({255, 255, 255}), 255.0F);
}

TEST(Grayscale, CanBeSwitchedOffByTheRequest) {
  PreprocessPlan plan = pixel_plan({1, 1});
  plan.grayscale = true;
  PreprocessSwitches switches;
  switches.disable_grayscale = true;
  const Prepared prepared = prepare(plain({1, 1}, {10, 20, 30}), plan, switches);
  EXPECT_EQ(prepared.at(0, 0, 0), 10.0F);
  EXPECT_EQ(prepared.at(2, 0, 0), 30.0F);
}

TEST(Steps, RunInTheOrderCropGrayscaleContrast) {
  // Left half black, right half blue and yellow: seen by the stretch after crop and grayscale, the two grays of the
  // right half become black and white. Any other order leaves other values.
  const image::Image picture = paint({4, 2}, [](int x, int y) {
    if (x < 2) return std::array<std::uint8_t, 3>{0, 0, 0};
    return y == 0 ? std::array<std::uint8_t, 3>{255, 0, 0} : std::array<std::uint8_t, 3>{0, 255, 255};
  });
  PreprocessPlan plan = pixel_plan({2, 2});
  plan.static_crop = StaticCrop{50, 100, 0, 100};
  plan.grayscale = true;
  plan.contrast = Contrast::stretching;
  const Prepared prepared = prepare(picture, plan);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_EQ(prepared.at(channel, 0, 0), 0.0F);
    EXPECT_EQ(prepared.at(channel, 1, 1), 255.0F);
  }
}

}  // namespace
}  // namespace osprey::vision
