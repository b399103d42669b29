// From pixels to float32: channel order, scaling, normalisation, padding, and refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pictures.hpp"

namespace osprey::vision {
namespace {

using testing::HasSubstr;

const Normalization kImageNet{{0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}};

image::Image every_value() {
  return paint({256, 1}, [](int x, int) {
    const auto value = static_cast<std::uint8_t>(x);
    return std::array{value, value, value};
  });
}

TEST(Tensor, HoldsTheChannelsInTheModelsOrder) {
  PreprocessPlan plan;
  plan.network = {3, 2};
  plan.scaling_factor.reset();
  const image::Image picture = plain({3, 2}, {10, 20, 30});
  const Prepared rgb = prepare(picture, plan);
  plan.color_mode = ColorMode::bgr;
  const Prepared bgr = prepare(picture, plan);
  for (int x = 0; x < 3; ++x) {
    for (int channel = 0; channel < 3; ++channel) {
      EXPECT_EQ(rgb.at(channel, x, 1), 30.0F - 10.0F * static_cast<float>(channel));
      EXPECT_EQ(bgr.at(channel, x, 1), 10.0F + 10.0F * static_cast<float>(channel));
    }
  }
}

TEST(Tensor, DividesEveryPixelValueByTheScalingFactorInFloat32) {
  PreprocessPlan plan;
  plan.network = {256, 1};
  for (const float factor : {255.0F, 127.5F, 1.0F, 3.0F, 0.7F}) {
    plan.scaling_factor = factor;
    const Prepared prepared = prepare(every_value(), plan);
    for (int x = 0; x < 256; ++x) {
      const volatile float value = static_cast<float>(x);
      const volatile float expected = value / factor;
      for (int channel = 0; channel < 3; ++channel) EXPECT_EQ(prepared.at(channel, x, 0), expected);
    }
  }
}

TEST(Tensor, RoundsEveryStepOfScalingAndNormalisationToFloat32) {
  PreprocessPlan plan;
  plan.network = {256, 1};
  plan.normalization = kImageNet;
  const Prepared prepared = prepare(every_value(), plan);
  for (int x = 0; x < 256; ++x) {
    for (int channel = 0; channel < 3; ++channel) {
      const auto i = static_cast<std::size_t>(channel);
      const volatile float scaled = static_cast<float>(x) / 255.0F;
      const volatile float centered = scaled - kImageNet.mean[i];
      const volatile float expected = centered / kImageNet.std[i];
      EXPECT_EQ(prepared.at(channel, x, 0), expected);
    }
  }
}

TEST(Tensor, NormalisesAfterScalingInTheOrderOfTheColorMode) {
  PreprocessPlan plan;
  plan.network = {1, 1};
  plan.normalization = kImageNet;
  const image::Image picture = plain({1, 1}, {10, 20, 30});
  const Prepared rgb = prepare(picture, plan);
  EXPECT_FLOAT_EQ(rgb.at(0, 0, 0), (30.0F / 255 - 0.485F) / 0.229F);
  EXPECT_FLOAT_EQ(rgb.at(1, 0, 0), (20.0F / 255 - 0.456F) / 0.224F);
  EXPECT_FLOAT_EQ(rgb.at(2, 0, 0), (10.0F / 255 - 0.406F) / 0.225F);
  plan.color_mode = ColorMode::bgr;
  const Prepared bgr = prepare(picture, plan);
  EXPECT_FLOAT_EQ(bgr.at(0, 0, 0), (10.0F / 255 - 0.485F) / 0.229F);
  EXPECT_FLOAT_EQ(bgr.at(2, 0, 0), (30.0F / 255 - 0.406F) / 0.225F);
}

TEST(Tensor, NormalisesWithoutScalingWhenThereIsNoFactor) {
  PreprocessPlan plan;
  plan.network = {1, 1};
  plan.scaling_factor.reset();
  plan.normalization = Normalization{{100, 100, 100}, {50, 50, 50}};
  EXPECT_EQ(prepare(plain({1, 1}, {0, 150, 200}), plan).at(0, 0, 0), 2.0F);
}

TEST(Tensor, ScalesAndNormalisesPaddingLikePixels) {
  PreprocessPlan plan;
  plan.network = {8, 8};
  plan.resize_mode = ResizeMode::letterbox;
  plan.padding_value = 127;
  plan.normalization = kImageNet;
  const Prepared prepared = prepare(plain({8, 4}, {127, 127, 127}), plan);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_EQ(prepared.at(channel, 0, 0), prepared.at(channel, 4, 4));
    EXPECT_EQ(prepared.at(channel, 7, 7), prepared.at(channel, 4, 4));
  }
  EXPECT_FLOAT_EQ(prepared.at(0, 0, 0), (127.0F / 255 - 0.485F) / 0.229F);
}

TEST(Tensor, PadsTheIntermediateImageOfATwoStepResize) {
  PreprocessPlan plan;
  plan.network = {8, 8};
  plan.resize_mode = ResizeMode::letterbox;
  plan.resampling = Resampling::pillow_bilinear;
  plan.intermediate = Size{16, 16};
  plan.padding_value = 255;
  const Prepared prepared = prepare(plain({16, 8}, {0, 0, 0}), plan);
  EXPECT_EQ(prepared.at(0, 3, 0), 1.0F);
  EXPECT_EQ(prepared.at(0, 3, 4), 0.0F);
  EXPECT_EQ(prepared.at(0, 3, 7), 1.0F);
}

TEST(Tensor, ThePillowWayDividesBy255WhateverTheFactorUnlessNothingNormalises) {
  PreprocessPlan plan;
  plan.network = {1, 1};
  plan.resampling = Resampling::pillow_bilinear;
  const image::Image picture = plain({1, 1}, {51, 51, 51});
  EXPECT_EQ(prepare(picture, plan).at(0, 0, 0), 51.0F / 255);
  plan.scaling_factor.reset();
  EXPECT_EQ(prepare(picture, plan).at(0, 0, 0), 51.0F / 255);
  plan.scaling_factor = 100.0F;
  EXPECT_FLOAT_EQ(prepare(picture, plan).at(0, 0, 0), 0.51F);
  plan.normalization = kImageNet;
  EXPECT_FLOAT_EQ(prepare(picture, plan).at(0, 0, 0), (0.2F - 0.485F) / 0.229F);
}

TEST(Tensor, ReadsRowsThatAreNotPacked) {
  const image::Image wide =
      paint({6, 2}, [](int x, int y) { return std::array{std::uint8_t(x), std::uint8_t(y), std::uint8_t{9}}; });
  const image::ImageView inner{wide.data() + 3 * 2, {3, 2}, wide.stride()};
  std::vector<float> tensor(18);
  ASSERT_TRUE(preprocess(inner, pixel_plan({3, 2}), {}, tensor));
  EXPECT_THAT(std::vector<float>(tensor.begin(), tensor.begin() + 6), testing::ElementsAre(2, 3, 4, 2, 3, 4));
}

TEST(Tensor, EverySmallPictureGoesThroughEveryStep) {
  for (const Size size :
       {Size{1, 1}, Size{1, 2}, Size{2, 1}, Size{1, 40}, Size{40, 1}, Size{3, 3}, Size{10000, 1}, Size{1, 10000}}) {
    const image::Image picture =
        paint(size, [](int x, int y) { return std::array{std::uint8_t(x), std::uint8_t(y), std::uint8_t(x + y)}; });
    for (int variant = 0; variant < 24; ++variant) {
      PreprocessPlan plan;
      plan.network = {5, 7};
      plan.resize_mode = static_cast<ResizeMode>(variant % 3);
      plan.contrast = static_cast<Contrast>(variant / 3 % 4);
      plan.grayscale = variant % 2 == 0;
      if (variant >= 12) plan.resampling = Resampling::pillow_bilinear;
      if (variant >= 18) plan.intermediate = Size{6, 4};
      for (const float value : prepare(picture, plan).tensor) ASSERT_TRUE(value >= 0 && value <= 1) << value;
    }
  }
}

TEST(Tensor, OfAnotherSizeIsRefusedAndNamed) {
  std::vector<float> tensor(3 * 4 * 4 - 1);
  const Result<Geometry> geometry = preprocess(plain({4, 4}, {0, 0, 0}).view(), pixel_plan({4, 4}), {}, tensor);
  ASSERT_FALSE(geometry);
  EXPECT_EQ(geometry.error().code, Code::internal);
  EXPECT_THAT(geometry.error().message, HasSubstr("47"));
  EXPECT_THAT(geometry.error().message, HasSubstr("48"));
}

TEST(Tensor, AnImageOrAPlanWithoutPixelsIsRefused) {
  std::vector<float> none;
  std::vector<float> tensor(48);
  EXPECT_EQ(preprocess({}, pixel_plan({4, 4}), {}, tensor).error().code, Code::invalid_argument);
  const image::Image dot = plain({1, 1}, {0, 0, 0});
  EXPECT_EQ(preprocess(dot.view(), pixel_plan({0, 0}), {}, none).error().code, Code::internal);
  PreprocessPlan plan = pixel_plan({4, 4});
  plan.intermediate = Size{0, 5};
  EXPECT_EQ(preprocess(dot.view(), plan, {}, tensor).error().code, Code::internal);
}

}  // namespace
}  // namespace osprey::vision
