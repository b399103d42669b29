// Pictures that were decoded at a part of their size.
#include <vector>

#include <gtest/gtest.h>

#include "vision/preprocess.hpp"

namespace osprey::vision {
namespace {

/// Brightness rises to the right; `scale` pixels of the full picture a pixel.
image::Image slope(Size size, int scale) {
  image::Image image(size);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      std::fill_n(image.row(y) + x * image::kChannels, image::kChannels, static_cast<std::uint8_t>(x * scale / 4));
    }
  }
  return image;
}

PreprocessPlan plan_for(ResizeMode mode) {
  PreprocessPlan plan;
  plan.network = {64, 64};
  plan.resize_mode = mode;
  plan.padding_value = 127;
  return plan;
}

TEST(PreprocessReduced, TheGeometryIsThatOfTheWholePicture) {
  for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox}) {
    const auto plan = plan_for(mode);
    std::vector<float> whole(3 * 64 * 64);
    std::vector<float> part(whole.size());
    const auto all = slope({801, 401}, 1);
    const auto some = slope({201, 101}, 4);
    const auto expected = preprocess(all.view(), plan, {}, whole);
    const auto geometry = preprocess_reduced(some.view(), {801, 401}, plan, {}, part);
    ASSERT_TRUE(expected);
    ASSERT_TRUE(geometry);
    EXPECT_EQ(geometry->image, (Size{801, 401}));
    EXPECT_EQ(geometry->crop, (Size{801, 401}));
    EXPECT_EQ(geometry->pad_top, expected->pad_top);
    EXPECT_EQ(geometry->pad_bottom, expected->pad_bottom);
    EXPECT_EQ(geometry->scale_w, expected->scale_w);
    EXPECT_EQ(geometry->scale_h, expected->scale_h);
    const Box box{10, 20, 50, 40};
    EXPECT_EQ(to_image(box, *geometry), to_image(box, *expected));
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(part[i], whole[i], 0.02F) << i;
  }
}

TEST(PreprocessReduced, APictureThatHasTheContentsSizeIsNotResized) {
  const auto plan = plan_for(ResizeMode::stretch);
  const auto some = slope({64, 64}, 4);
  std::vector<float> tensor(3 * 64 * 64);
  const auto geometry = preprocess_reduced(some.view(), {256, 256}, plan, {}, tensor);
  ASSERT_TRUE(geometry);
  EXPECT_EQ(geometry->scale_w, 0.25F);
  EXPECT_EQ(tensor[5], 5.0F / 255.0F);
}

TEST(ReductionFor, IsWhatTheResizeAimsAt) {
  auto plan = plan_for(ResizeMode::letterbox);
  ASSERT_TRUE(reduction_for(plan, {}));
  EXPECT_EQ(reduction_for(plan, {})->target, (Size{64, 64}));
  EXPECT_TRUE(reduction_for(plan, {})->inside);
  EXPECT_FALSE(reduction_for(plan_for(ResizeMode::stretch), {})->inside);
  plan.intermediate = Size{300, 200};
  EXPECT_EQ(reduction_for(plan, {})->target, (Size{300, 200}));
}

TEST(ReductionFor, NoneWhereSinglePixelsCount) {
  EXPECT_FALSE(reduction_for(plan_for(ResizeMode::center_crop), {}));
  auto plan = plan_for(ResizeMode::stretch);
  plan.static_crop = StaticCrop{10, 90, 10, 90};
  EXPECT_FALSE(reduction_for(plan, {}));
  EXPECT_TRUE(reduction_for(plan, {.disable_static_crop = true}));
  plan = plan_for(ResizeMode::stretch);
  plan.contrast = Contrast::adaptive_equalization;
  EXPECT_FALSE(reduction_for(plan, {}));
  EXPECT_TRUE(reduction_for(plan, {.disable_contrast = true}));
}

}  // namespace
}  // namespace osprey::vision
