#include "vision/prototype_masks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tensors.hpp"

namespace osprey::vision {
namespace {

/// A mask on the whole canvas by the rules of inference-math 6, step by step and in double: every pixel from every
/// cell.
class WholeCanvas {
 public:
  /// `cells`: values of the mask output, activated and cropped.
  WholeCanvas(const Geometry& geometry, Size cells, const std::vector<double>& values) {
    const double across = static_cast<double>(cells.width) / geometry.network.width;
    const double down = static_cast<double>(cells.height) / geometry.network.height;
    const int left = static_cast<int>(std::nearbyint(across * geometry.pad_left));
    const int right = static_cast<int>(std::nearbyint(across * geometry.pad_right));
    const int top = static_cast<int>(std::nearbyint(down * geometry.pad_top));
    const int bottom = static_cast<int>(std::nearbyint(down * geometry.pad_bottom));
    window_ = {cells.width - left - right, cells.height - top - bottom};
    for (int y = 0; y < window_.height; ++y) {
      for (int x = 0; x < window_.width; ++x) {
        const int column = x + left;
        const int row = y + top;
        const bool inside = column >= 0 && row >= 0 && column < cells.width && row < cells.height;
        padless_.push_back(inside ? values[static_cast<std::size_t>(row * cells.width + column)] : 0.0);
      }
    }
    for (int x = 0; x < geometry.crop.width; ++x) across_.push_back(weights(x, window_.width, geometry.crop.width));
    for (int y = 0; y < geometry.crop.height; ++y) down_.push_back(weights(y, window_.height, geometry.crop.height));
  }

  /// The resized value at pixel (x, y) of the crop.
  [[nodiscard]] double at(int x, int y) const {
    const std::vector<double>& across = across_[static_cast<std::size_t>(x)];
    const std::vector<double>& down = down_[static_cast<std::size_t>(y)];
    double sum = 0;
    for (std::size_t row = 0; row < down.size(); ++row) {
      if (down[row] == 0) continue;
      for (std::size_t column = 0; column < across.size(); ++column) {
        sum += down[row] * across[column] * padless_[row * across.size() + column];
      }
    }
    return sum;
  }

 private:
  static std::vector<double> weights(int output, int source, int target) {
    const double ratio = static_cast<double>(source) / target;
    const double reach = std::max(ratio, 1.0);
    const double center = (output + 0.5) * ratio;
    std::vector<double> weights;
    double total = 0;
    for (int i = 0; i < source; ++i) {
      weights.push_back(std::max(0.0, 1 - std::abs(i + 0.5 - center) / reach));
      total += weights.back();
    }
    for (double& weight : weights) weight /= total;
    return weights;
  }

  Size window_;
  std::vector<double> padless_;
  std::vector<std::vector<double>> across_;  ///< weights of the cells, by pixel
  std::vector<std::vector<double>> down_;
};

int pixel(const MaskRegion& mask, int x, int y) {
  x -= mask.x;
  y -= mask.y;
  if (x < 0 || y < 0 || x >= mask.size.width || y >= mask.size.height) return 0;
  return mask.pixels[static_cast<std::size_t>(y * mask.size.width + x)];
}

Geometry stretched(Size image, Size network) {
  Geometry geometry;
  geometry.image = geometry.crop = image;
  geometry.network = network;
  geometry.scale_w = static_cast<float>(network.width) / static_cast<float>(image.width);
  geometry.scale_h = static_cast<float>(network.height) / static_cast<float>(image.height);
  return geometry;
}

Geometry padded(Size image, Size network, int left, int top, int right, int bottom) {
  Geometry geometry = stretched(image, network);
  geometry.pad_left = left;
  geometry.pad_top = top;
  geometry.pad_right = right;
  geometry.pad_bottom = bottom;
  return geometry;
}

struct Case {
  std::string name;
  Geometry geometry;
};

Case cropped_case() {
  Geometry geometry = padded({150, 130}, {64, 64}, 0, 12, 0, 12);
  geometry.crop = {90, 56};
  geometry.crop_x = 31;
  geometry.crop_y = 47;
  return {"StaticCrop", geometry};
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"StretchEnlarging", stretched({97, 71}, {64, 64})},
      {"StretchShrinking", stretched({11, 9}, {64, 64})},
      {"ShrinkingOneAxisOnly", stretched({120, 7}, {64, 64})},
      {"SameSize", stretched({16, 16}, {64, 64})},
      {"Letterbox", padded({120, 60}, {64, 64}, 0, 16, 0, 16)},
      {"LetterboxUneven", padded({59, 90}, {64, 64}, 11, 0, 12, 0)},
      {"CenterCropCut", padded({100, 100}, {64, 64}, -18, -18, -18, -18)},
      {"CenterCropCutAndPadded", padded({110, 40}, {64, 64}, -23, 12, -23, 12)},
      {"OnePixel", stretched({1, 1}, {64, 64})},
      cropped_case(),
  };
  return all;
}

class EveryGeometry : public testing::TestWithParam<Case> {};

constexpr int kPrototypes = 5;
constexpr int kSide = 16;

TEST_P(EveryGeometry, GivesThePixelsOfTheWholeCanvasComputation) {
  const Geometry& geometry = GetParam().geometry;
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> corner(-10, 74);
  for (int round = 0; round < 8; ++round) {
    const auto activation = round % 2 == 0 ? MaskActivation::sigmoid : MaskActivation::logits;
    const auto layout = round % 4 < 2 ? PrototypeLayout::channels_first : PrototypeLayout::channels_last;
    Tensor prototypes(layout == PrototypeLayout::channels_first ? Shape{kPrototypes, kSide, kSide}
                                                                : Shape{kSide, kSide, kPrototypes});
    for (float& value : prototypes.values) value = normal(random);
    std::vector<float> coefficients(kPrototypes);
    for (float& value : coefficients) value = normal(random);
    Box box{corner(random), corner(random), corner(random), corner(random)};
    if (box.x1 > box.x2) std::swap(box.x1, box.x2);
    if (box.y1 > box.y2) std::swap(box.y1, box.y2);
    if (round < 2) box = {0, 0, 64, 64};

    std::vector<double> values;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        double sum = 0;
        for (int k = 0; k < kPrototypes; ++k) {
          const float prototype =
              layout == PrototypeLayout::channels_first ? prototypes.at({k, y, x}) : prototypes.at({y, x, k});
          sum += static_cast<double>(coefficients[static_cast<std::size_t>(k)]) * static_cast<double>(prototype);
        }
        if (activation == MaskActivation::sigmoid) sum = 1 / (1 + std::exp(-sum));
        const bool kept =
            static_cast<float>(x) >= std::nearbyint(box.x1 / 4) && static_cast<float>(x) < std::nearbyint(box.x2 / 4) &&
            static_cast<float>(y) >= std::nearbyint(box.y1 / 4) && static_cast<float>(y) < std::nearbyint(box.y2 / 4);
        values.push_back(kept ? sum : 0);
      }
    }

    MaskRenderer renderer(mask_grid(geometry, {kSide, kSide}, {}), activation);
    const auto mask = renderer.from_prototypes(prototypes.view(), layout, coefficients, box);
    ASSERT_TRUE(mask);
    const WholeCanvas whole(geometry, {kSide, kSide}, values);
    const double threshold = activation == MaskActivation::sigmoid ? 0.5 : 0;
    int set = 0;
    for (int y = 0; y < geometry.image.height; ++y) {
      for (int x = 0; x < geometry.image.width; ++x) {
        const int in_crop_x = x - geometry.crop_x;
        const int in_crop_y = y - geometry.crop_y;
        const bool inside =
            in_crop_x >= 0 && in_crop_y >= 0 && in_crop_x < geometry.crop.width && in_crop_y < geometry.crop.height;
        const double expected = inside ? whole.at(in_crop_x, in_crop_y) : 0;
        if (expected != 0 && std::abs(expected - threshold) < 1e-5) continue;  // float32 may round either way
        ASSERT_EQ(pixel(*mask, x, y), expected > threshold ? 1 : 0) << x << "," << y << " round " << round;
        set += pixel(*mask, x, y);
      }
    }
    if (round < 2 && geometry.image.width > 1) {
      EXPECT_GT(set, 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(MaskRenderer, EveryGeometry, testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param.name; });

/// A network of 16x16 pixels with a mask output of 4x4, on an image of 4x4: one pixel a cell.
MaskGrid cell_for_pixel() {
  return mask_grid(stretched({4, 4}, {16, 16}), {4, 4}, {});
}

TEST(MaskRenderer, CropsToTheBoxRoundedHalfToEvenOnTheMaskOutput) {
  Tensor prototypes({1, 4, 4});
  std::fill(prototypes.values.begin(), prototypes.values.end(), 1.0F);
  MaskRenderer renderer(cell_for_pixel(), MaskActivation::logits);
  // 2 px = 0.5 cells -> 0, 6 px = 1.5 -> 2, 10 px = 2.5 -> 2, 14 px = 3.5 -> 4
  const auto mask = renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first, std::vector<float>{1},
                                             {2, 6, 10, 14});
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->x, 0);
  EXPECT_EQ(mask->y, 2);
  EXPECT_EQ(mask->size, (Size{2, 2}));
  EXPECT_EQ(mask->pixels, (std::vector<std::uint8_t>{1, 1, 1, 1}));
}

TEST(MaskRenderer, ComparesStrictly) {
  Tensor prototypes({1, 4, 4});  // logits of 0: sigmoid 0.5, not above
  MaskRenderer sigmoid(cell_for_pixel(), MaskActivation::sigmoid);
  MaskRenderer logits(cell_for_pixel(), MaskActivation::logits);
  for (MaskRenderer* renderer : {&sigmoid, &logits}) {
    const auto mask = renderer->from_prototypes(prototypes.view(), PrototypeLayout::channels_first,
                                                std::vector<float>{1}, {0, 0, 16, 16});
    ASSERT_TRUE(mask);
    EXPECT_EQ(std::count(mask->pixels.begin(), mask->pixels.end(), 1), 0);
  }
}

TEST(MaskRenderer, InterpolatesSigmoidsAgainstZerosOutsideTheBox) {
  // One row of four cells, logits 20: inside the box the sigmoid is 1, outside it is 0. Enlarged four times, the value
  // falls from 1 to 0 around the box's edge at pixel 8: 0.625 at pixel 7, 0.375 at pixel 8.
  Tensor prototypes({1, 1, 4}, {20, 20, 20, 20});
  MaskRenderer renderer(mask_grid(stretched({16, 1}, {16, 4}), {4, 1}, {}), MaskActivation::sigmoid);
  const auto mask =
      renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first, std::vector<float>{1}, {0, 0, 8, 4});
  ASSERT_TRUE(mask);
  for (int x = 0; x < 16; ++x) EXPECT_EQ(pixel(*mask, x, 0), x < 8 ? 1 : 0) << x;
}

TEST(MaskRenderer, InterpolatesLogitsAgainstZerosOutsideTheBox) {
  // As above with raw logits: every value above 0 counts, so the mask reaches past the box to the last touched pixel.
  Tensor prototypes({1, 1, 4}, {20, 20, 20, 20});
  MaskRenderer renderer(mask_grid(stretched({16, 1}, {16, 4}), {4, 1}, {}), MaskActivation::logits);
  const auto mask =
      renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first, std::vector<float>{1}, {0, 0, 8, 4});
  ASSERT_TRUE(mask);
  for (int x = 0; x < 16; ++x) EXPECT_EQ(pixel(*mask, x, 0), x < 10 ? 1 : 0) << x;
}

TEST(MaskRenderer, ReadsWholeMasksWithoutABox) {
  std::vector<float> values(16, -1.0F);
  values[5] = 3;
  values[15] = 2;
  MaskRenderer renderer(cell_for_pixel(), MaskActivation::logits);
  const auto mask = renderer.from_values(values);
  ASSERT_TRUE(mask);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) EXPECT_EQ(pixel(*mask, x, y), (x == 1 && y == 1) || (x == 3 && y == 3) ? 1 : 0);
  }
}

TEST(MaskRenderer, PassesNoNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Tensor prototypes({1, 4, 4});
  std::fill(prototypes.values.begin(), prototypes.values.end(), nan);
  MaskRenderer renderer(mask_grid(stretched({9, 9}, {16, 16}), {4, 4}, {}), MaskActivation::sigmoid);
  const auto mask = renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first, std::vector<float>{1},
                                             {0, 0, 16, 16});
  ASSERT_TRUE(mask);
  EXPECT_EQ(std::count(mask->pixels.begin(), mask->pixels.end(), 1), 0);
  const auto nowhere = renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first,
                                                std::vector<float>{1}, {nan, nan, nan, nan});
  ASSERT_TRUE(nowhere);
  EXPECT_TRUE(nowhere->pixels.empty());
}

TEST(MaskRenderer, SurvivesInfiniteAndHugeBoxes) {
  const float infinity = std::numeric_limits<float>::infinity();
  Tensor prototypes({1, 4, 4});
  std::fill(prototypes.values.begin(), prototypes.values.end(), 1.0F);
  MaskRenderer renderer(cell_for_pixel(), MaskActivation::logits);
  for (const float far : {infinity, 1e30F}) {
    const auto mask = renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first,
                                               std::vector<float>{1}, {-far, -far, far, far});
    ASSERT_TRUE(mask);
    EXPECT_EQ(mask->pixels, std::vector<std::uint8_t>(16, 1));
  }
}

TEST(MaskRenderer, RefusesMasksThatTakeMoreThanTheirShareOfMemory) {
  Tensor prototypes({1, 4, 4});
  std::fill(prototypes.values.begin(), prototypes.values.end(), 1.0F);
  MaskRenderer renderer(cell_for_pixel(), MaskActivation::logits, 20);
  const auto draw = [&] {
    return renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first, std::vector<float>{1},
                                    {0, 0, 16, 16});
  };
  EXPECT_TRUE(draw());
  const auto second = draw();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::payload_too_large);
}

TEST(MaskRenderer, ReportsPrototypesOfAnotherSize) {
  Tensor prototypes({1, 3, 4});
  MaskRenderer renderer(cell_for_pixel(), MaskActivation::logits);
  const auto mask = renderer.from_prototypes(prototypes.view(), PrototypeLayout::channels_first, std::vector<float>{1},
                                             {0, 0, 16, 16});
  ASSERT_FALSE(mask);
  EXPECT_EQ(mask.error().code, Code::internal);
  EXPECT_FALSE(renderer.from_values(std::vector<float>(3)));
}

}  // namespace
}  // namespace osprey::vision
