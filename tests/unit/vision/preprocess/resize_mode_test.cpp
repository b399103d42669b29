#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "pictures.hpp"

namespace osprey::vision {
namespace {

struct LetterboxCase {
  Size image;
  Size network;
  Size content;
  int left, top, right, bottom;
};

// By inference-math 3.1, calculated apart from this program.
constexpr std::array kLetterboxes{
    LetterboxCase{{1080, 810}, {640, 640}, {640, 480}, 0, 80, 0, 80},
    LetterboxCase{{810, 1080}, {640, 640}, {480, 640}, 80, 0, 80, 0},
    LetterboxCase{{1280, 719}, {640, 640}, {640, 359}, 0, 140, 0, 141},  // 359.5 truncated; 140.5 truncated
    LetterboxCase{{333, 500}, {640, 640}, {426, 640}, 107, 0, 107, 0},   // 426.24
    LetterboxCase{{100, 37}, {64, 64}, {64, 23}, 0, 20, 0, 21},          // 23.68
    LetterboxCase{{1000, 750}, {640, 416}, {554, 416}, 43, 0, 43, 0},
    LetterboxCase{{7, 3}, {32, 20}, {32, 13}, 0, 3, 0, 4},
    LetterboxCase{{49, 49}, {64, 64}, {63, 63}, 0, 0, 1, 1},     // 49 * (64 / 49) is a little under 64
    LetterboxCase{{10000, 1}, {64, 64}, {64, 1}, 0, 31, 0, 32},  // 0.0064 would leave nothing: 1
    LetterboxCase{{1, 10000}, {64, 64}, {1, 64}, 31, 0, 32, 0},
    LetterboxCase{{1, 1}, {64, 64}, {64, 64}, 0, 0, 0, 0},
};

TEST(Letterbox, PadsAndScaleAreTheReferences) {
  for (const LetterboxCase& want : kLetterboxes) {
    PreprocessPlan plan = pixel_plan(want.network);
    plan.resize_mode = ResizeMode::letterbox;
    const Geometry geometry = prepare(plain(want.image, {9, 9, 9}), plan).geometry;
    SCOPED_TRACE(testing::Message() << want.image.width << "x" << want.image.height);
    EXPECT_EQ(geometry.pad_left, want.left);
    EXPECT_EQ(geometry.pad_top, want.top);
    EXPECT_EQ(geometry.pad_right, want.right);
    EXPECT_EQ(geometry.pad_bottom, want.bottom);
    const float scale = static_cast<float>(
        std::min(double(want.network.width) / want.image.width, double(want.network.height) / want.image.height));
    EXPECT_EQ(geometry.scale_w, scale);
    EXPECT_EQ(geometry.scale_h, scale);
    EXPECT_EQ(geometry.network, want.network);
    EXPECT_EQ(geometry.image, want.image);
    EXPECT_EQ(geometry.crop, want.image);
  }
}

TEST(Letterbox, AtTheTopLeftPadsOnlyRightAndBottom) {
  PreprocessPlan plan = pixel_plan({32, 20});
  plan.resize_mode = ResizeMode::letterbox;
  plan.letterbox_anchor = LetterboxAnchor::top_left;
  plan.padding_value = 127;
  const Prepared prepared = prepare(plain({7, 3}, {9, 9, 9}), plan);  // 32x13 of 32x20
  EXPECT_EQ(prepared.geometry.pad_left, 0);
  EXPECT_EQ(prepared.geometry.pad_top, 0);
  EXPECT_EQ(prepared.geometry.pad_right, 0);
  EXPECT_EQ(prepared.geometry.pad_bottom, 7);
  EXPECT_EQ(prepared.at(0, 0, 0), 9.0F);
  EXPECT_EQ(prepared.at(0, 31, 12), 9.0F);
  EXPECT_EQ(prepared.at(0, 0, 13), 127.0F);
  EXPECT_EQ(prepared.at(2, 31, 19), 127.0F);
}

TEST(Letterbox, FillsExactlyWhatThePictureDoesNotCover) {
  for (const LetterboxCase& want : kLetterboxes) {
    if (want.network.width > 100) continue;  // millions of pixels show nothing new
    PreprocessPlan plan = pixel_plan(want.network);
    plan.resize_mode = ResizeMode::letterbox;
    plan.padding_value = 127;
    const Prepared prepared = prepare(plain(want.image, {9, 9, 9}), plan);
    SCOPED_TRACE(testing::Message() << want.image.width << "x" << want.image.height);
    int wrong = 0;
    for (int y = 0; y < want.network.height; ++y) {
      for (int x = 0; x < want.network.width; ++x) {
        const bool inside =
            x >= want.left && x < want.left + want.content.width && y >= want.top && y < want.top + want.content.height;
        for (int channel = 0; channel < 3; ++channel) wrong += prepared.at(channel, x, y) != (inside ? 9.0F : 127.0F);
      }
    }
    EXPECT_EQ(wrong, 0);
  }
}

TEST(Stretch, ScalesEachSideOnItsOwn) {
  const Geometry geometry = prepare(plain({200, 50}, {1, 2, 3}), pixel_plan({100, 100})).geometry;
  EXPECT_EQ(geometry.scale_w, 0.5F);
  EXPECT_EQ(geometry.scale_h, 2.0F);
  EXPECT_EQ(geometry.pad_left + geometry.pad_top + geometry.pad_right + geometry.pad_bottom, 0);
}

TEST(CenterCrop, CutsTheMiddleOutAndPadsWithBlack) {
  PreprocessPlan plan = pixel_plan({4, 6});
  plan.resize_mode = ResizeMode::center_crop;
  plan.padding_value = 127;  // not for this mode
  // 9 wide: 5 too many, 2 cut on the left, 3 on the right. 3 high: 3 missing, 1 above, 2 below.
  const image::Image picture = paint(
      {9, 3}, [](int x, int y) { return std::array{std::uint8_t(10 * x), std::uint8_t(10 * y), std::uint8_t{5}}; });
  const Prepared prepared = prepare(picture, plan);
  EXPECT_EQ(prepared.geometry.pad_left, -2);
  EXPECT_EQ(prepared.geometry.pad_right, -3);
  EXPECT_EQ(prepared.geometry.pad_top, 1);
  EXPECT_EQ(prepared.geometry.pad_bottom, 2);
  EXPECT_EQ(prepared.geometry.scale_w, 1.0F);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 4; ++x) {
      const bool inside = y >= 1 && y < 4;
      EXPECT_EQ(prepared.at(0, x, y), inside ? 10.0F * static_cast<float>(x + 2) : 0.0F);
      EXPECT_EQ(prepared.at(1, x, y), inside ? 10.0F * static_cast<float>(y - 1) : 0.0F);
      EXPECT_EQ(prepared.at(2, x, y), inside ? 5.0F : 0.0F);
    }
  }
}

constexpr std::array kShapes{Size{1, 1},    Size{1, 77},    Size{10000, 1}, Size{96, 64},    Size{1080, 810},
                             Size{81, 108}, Size{1920, 31}, Size{97, 3001}, Size{1279, 721}, Size{5, 4}};

TEST(ResizeModes, ABoxComesBackFromTheNetworkAsItWent) {
  for (const Size shape : kShapes) {
    const image::Image picture = plain(shape, {0, 0, 0});
    for (const ResizeMode mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::center_crop}) {
      for (const bool cropped : {false, true}) {
        PreprocessPlan plan = pixel_plan({96, 64});
        plan.resize_mode = mode;
        if (cropped && shape.width > 4 && shape.height > 4) plan.static_crop = StaticCrop{10, 85, 20, 100};
        const Geometry geometry = prepare(picture, plan).geometry;
        for (int i = 0; i <= 8; ++i) {
          const Box box{static_cast<float>(shape.width * i / 8), static_cast<float>(shape.height * i / 8),
                        static_cast<float>(shape.width), static_cast<float>(shape.height)};
          const auto x = [&](float v) {
            return (v - float(geometry.crop_x)) * geometry.scale_w + float(geometry.pad_left);
          };
          const auto y = [&](float v) {
            return (v - float(geometry.crop_y)) * geometry.scale_h + float(geometry.pad_top);
          };
          EXPECT_EQ(to_image(Box{x(box.x1), y(box.y1), x(box.x2), y(box.y2)}, geometry), box)
              << shape.width << "x" << shape.height << " mode " << static_cast<int>(mode);
        }
      }
    }
  }
}

/// The box of the tensor's pixels that are brighter than half, in the pixels of the geometry's network size.
Box bright_part(const Prepared& prepared) {
  Box box{1e9F, 1e9F, 0, 0};
  for (int y = 0; y < prepared.network.height; ++y) {
    for (int x = 0; x < prepared.network.width; ++x) {
      if (prepared.at(0, x, y) <= 127.5F) continue;
      box = {std::min(box.x1, float(x)), std::min(box.y1, float(y)), std::max(box.x2, float(x + 1)),
             std::max(box.y2, float(y + 1))};
    }
  }
  const float to_told_w =
      static_cast<float>(prepared.geometry.network.width) / static_cast<float>(prepared.network.width);
  const float to_told_h =
      static_cast<float>(prepared.geometry.network.height) / static_cast<float>(prepared.network.height);
  return {box.x1 * to_told_w, box.y1 * to_told_h, box.x2 * to_told_w, box.y2 * to_told_h};
}

TEST(ResizeModes, APaintedRectangleIsFoundWhereTheGeometrySays) {
  for (const Size shape : {Size{300, 200}, Size{200, 300}, Size{90, 70}, Size{260, 259}}) {
    const Box painted{float(shape.width / 3), float(shape.height / 2), float(shape.width * 3 / 5),
                      float(shape.height * 4 / 5)};
    const image::Image picture = paint(shape, [&](int x, int y) {
      const bool inside =
          float(x) >= painted.x1 && float(x) < painted.x2 && float(y) >= painted.y1 && float(y) < painted.y2;
      const std::uint8_t value = inside ? 255 : 0;
      return std::array{value, value, value};
    });
    for (int way = 0; way < 6; ++way) {  // each mode by OpenCV, then Pillow in one step, then in two by either mode
      PreprocessPlan plan = pixel_plan({224, 192});
      plan.resize_mode = static_cast<ResizeMode>(way % 3);
      if (way == 3) plan.resampling = Resampling::pillow_bilinear;
      if (way > 3) plan.intermediate = Size{160, 230};
      plan.scaling_factor = 1.0F;
      plan.static_crop = StaticCrop{7, 95, 3, 99};
      const Prepared prepared = prepare(picture, plan);
      const Box found = to_image(bright_part(prepared), prepared.geometry);
      // Half a pixel of the smaller grid for the threshold, and one for rounding.
      const float slack = 1 + std::ceil(1.5F / std::min({1.0F, prepared.geometry.scale_w, prepared.geometry.scale_h}));
      SCOPED_TRACE(testing::Message() << shape.width << "x" << shape.height << " way " << way);
      EXPECT_NEAR(found.x1, painted.x1, slack);
      EXPECT_NEAR(found.y1, painted.y1, slack);
      EXPECT_NEAR(found.x2, painted.x2, slack);
      EXPECT_NEAR(found.y2, painted.y2, slack);
    }
  }
}

TEST(TwoStepResize, TellsBoxesInTheIntermediateSize) {
  PreprocessPlan plan = pixel_plan({64, 64});
  plan.resize_mode = ResizeMode::letterbox;
  plan.resampling = Resampling::pillow_bilinear;
  plan.intermediate = Size{100, 80};
  const Geometry geometry = prepare(plain({50, 50}, {1, 1, 1}), plan).geometry;
  EXPECT_EQ(geometry.network, (Size{100, 80}));
  EXPECT_EQ(geometry.pad_left, 10);
  EXPECT_EQ(geometry.pad_right, 10);
  EXPECT_EQ(geometry.pad_top, 0);
  EXPECT_EQ(geometry.scale_w, 1.6F);
}

TEST(TwoStepResize, StretchHasOnlyOneStep) {
  PreprocessPlan plan = pixel_plan({64, 32});
  plan.resampling = Resampling::pillow_bilinear;
  plan.intermediate = Size{100, 80};
  const Geometry geometry = prepare(plain({50, 50}, {1, 1, 1}), plan).geometry;
  EXPECT_EQ(geometry.network, (Size{64, 32}));
  EXPECT_EQ(geometry.scale_w, 1.28F);
  EXPECT_EQ(geometry.scale_h, 0.64F);
}

TEST(PillowResize, StretchesWhateverTheModeSays) {
  PreprocessPlan plan = pixel_plan({64, 32});
  plan.resize_mode = ResizeMode::letterbox;
  plan.resampling = Resampling::pillow_bilinear;
  const Geometry geometry = prepare(plain({50, 50}, {1, 1, 1}), plan).geometry;
  EXPECT_EQ(geometry.scale_w, 1.28F);
  EXPECT_EQ(geometry.scale_h, 0.64F);
  EXPECT_EQ(geometry.pad_left + geometry.pad_top, 0);
}

}  // namespace
}  // namespace osprey::vision
