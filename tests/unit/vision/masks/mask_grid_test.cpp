#include "vision/mask_grid.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

/// 640x480 letterboxed into 320x320: half the size, 40 rows of padding above and below.
Geometry letterboxed() {
  Geometry geometry;
  geometry.image = geometry.crop = {640, 480};
  geometry.network = {320, 320};
  geometry.pad_top = geometry.pad_bottom = 40;
  geometry.scale_w = geometry.scale_h = 0.5F;
  return geometry;
}

/// Columns 100 to 500 and rows 50 to 250 of 640x480, stretched to 200x200.
Geometry cropped() {
  Geometry geometry;
  geometry.image = {640, 480};
  geometry.crop = {400, 200};
  geometry.network = {200, 200};
  geometry.crop_x = 100;
  geometry.crop_y = 50;
  geometry.scale_w = 0.5F;
  geometry.scale_h = 1;
  return geometry;
}

DecodeOptions reduced(MaskDecodeMode mode, float factor = 0) {
  DecodeOptions options;
  options.allow_reduced_mask_resolution = true;
  options.mask_decode_mode = mode;
  options.tradeoff_factor = factor;
  return options;
}

TEST(MaskGrid, StripsTheLetterboxPaddingAndCoversTheImage) {
  const MaskGrid grid = mask_grid(letterboxed(), {80, 80}, {});
  EXPECT_EQ(grid.left, 0);
  EXPECT_EQ(grid.top, 10);
  EXPECT_EQ(grid.window, (Size{80, 60}));
  EXPECT_EQ(grid.target, (Size{640, 480}));
  EXPECT_EQ(grid.canvas, (Size{640, 480}));
}

TEST(MaskGrid, RoundsMarginsHalfToEven) {
  Geometry geometry = letterboxed();
  geometry.pad_top = 2;     // 0.5 cells
  geometry.pad_bottom = 6;  // 1.5 cells
  const MaskGrid grid = mask_grid(geometry, {80, 80}, {});
  EXPECT_EQ(grid.top, 0);
  EXPECT_EQ(grid.window.height, 78);
}

TEST(MaskGrid, HasMarginsOfZerosWhereACenterCropCutTheImage) {
  Geometry geometry;
  geometry.image = geometry.crop = {400, 200};
  geometry.network = {320, 320};
  geometry.pad_left = geometry.pad_right = -40;
  geometry.pad_top = geometry.pad_bottom = 60;
  const MaskGrid grid = mask_grid(geometry, {80, 80}, {});
  EXPECT_EQ(grid.left, -10);
  EXPECT_EQ(grid.top, 15);
  EXPECT_EQ(grid.window, (Size{100, 50}));
  EXPECT_EQ(grid.canvas, (Size{400, 200}));
}

TEST(MaskGrid, PutsAStaticCropAtItsOffset) {
  const MaskGrid grid = mask_grid(cropped(), {50, 50}, {});
  EXPECT_EQ(grid.target, (Size{400, 200}));
  EXPECT_EQ(grid.offset_x, 100);
  EXPECT_EQ(grid.offset_y, 50);
  EXPECT_EQ(grid.canvas, (Size{640, 480}));
}

TEST(MaskGrid, IgnoresTheDecodeModeUnlessReducedMasksAreAllowed) {
  DecodeOptions options = reduced(MaskDecodeMode::fast);
  options.allow_reduced_mask_resolution = false;
  EXPECT_EQ(mask_grid(letterboxed(), {80, 80}, options).canvas, (Size{640, 480}));
}

TEST(MaskGrid, InterpolatesBetweenTheMaskOutputAndTheImage) {
  EXPECT_EQ(mask_grid(letterboxed(), {80, 80}, reduced(MaskDecodeMode::accurate)).canvas, (Size{640, 480}));
  EXPECT_EQ(mask_grid(letterboxed(), {80, 80}, reduced(MaskDecodeMode::fast)).canvas, (Size{80, 60}));
  EXPECT_EQ(mask_grid(letterboxed(), {80, 80}, reduced(MaskDecodeMode::tradeoff, 0.5F)).canvas, (Size{360, 270}));
  EXPECT_EQ(mask_grid(letterboxed(), {80, 80}, reduced(MaskDecodeMode::tradeoff, 1)).canvas, (Size{640, 480}));
}

TEST(MaskGrid, ScalesTheStaticCropsOffsetAndCanvasWithTheTarget) {
  // The crop of 400x200 becomes 50x50: an eighth across, a quarter down.
  const MaskGrid grid = mask_grid(cropped(), {50, 50}, reduced(MaskDecodeMode::fast));
  EXPECT_EQ(grid.target, (Size{50, 50}));
  EXPECT_EQ(grid.offset_x, 12);  // 12.5, half to even
  EXPECT_EQ(grid.offset_y, 12);
  EXPECT_EQ(grid.canvas, (Size{80, 120}));
}

TEST(MaskGrid, LeavesNoWindowWhenPaddingTakesEverything) {
  Geometry geometry = letterboxed();
  geometry.pad_top = geometry.pad_bottom = 160;
  const MaskGrid grid = mask_grid(geometry, {80, 80}, {});
  EXPECT_EQ(grid.window, (Size{0, 0}));
  EXPECT_EQ(grid.canvas, (Size{640, 480}));
}

TEST(MaskGrid, StaysWithinIntForHostileSizes) {
  Geometry geometry = letterboxed();
  geometry.network = {1, 1};
  geometry.pad_left = geometry.pad_top = -65535;
  const MaskGrid grid = mask_grid(geometry, {1 << 20, 1 << 20}, {});
  EXPECT_GT(grid.window.width, 0);
  EXPECT_EQ(grid.canvas, (Size{640, 480}));
}

TEST(ToMaskGrid, RoundsOnTheImageAndKeepsFractionsOnAReducedGrid) {
  const Geometry geometry = letterboxed();
  const Box box{10.3F, 60.2F, 100.6F, 90.9F};
  EXPECT_EQ(to_mask_grid(box, geometry, mask_grid(geometry, {80, 80}, {})), (Box{21, 40, 201, 102}));
  const Box small = to_mask_grid(box, geometry, mask_grid(geometry, {80, 80}, reduced(MaskDecodeMode::fast)));
  // A cell is 4 network pixels.
  EXPECT_NEAR(small.x1, 2.575F, 1e-5F);
  EXPECT_NEAR(small.y1, 5.05F, 1e-5F);
  EXPECT_NEAR(small.x2, 25.15F, 1e-5F);
  EXPECT_NEAR(small.y2, 12.725F, 1e-5F);
}

TEST(ToMaskGrid, ClampsToTheCanvas) {
  const Geometry geometry = letterboxed();
  const MaskGrid grid = mask_grid(geometry, {80, 80}, reduced(MaskDecodeMode::fast));
  EXPECT_EQ(to_mask_grid({-50, -50, 900, 900}, geometry, grid), (Box{0, 0, 80, 60}));
}

TEST(ToMaskGrid, UsesTheRoundedOffsetOfAStaticCrop) {
  const Geometry geometry = cropped();
  const MaskGrid grid = mask_grid(geometry, {50, 50}, reduced(MaskDecodeMode::fast));
  // 40 network pixels are 10 cells, behind 12 of the offset.
  EXPECT_EQ(to_mask_grid({40, 40, 80, 120}, geometry, grid), (Box{22, 22, 32, 42}));
}

TEST(ToMaskGrid, MakesNanZero) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Geometry geometry = letterboxed();
  const MaskGrid grid = mask_grid(geometry, {80, 80}, reduced(MaskDecodeMode::fast));
  EXPECT_EQ(to_mask_grid({nan, nan, nan, nan}, geometry, grid), (Box{0, 0, 0, 0}));
}

}  // namespace
}  // namespace osprey::vision
