#include "vision/linear_resampling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

std::vector<float> resize(const std::vector<float>& samples, int target) {
  std::vector<float> out(static_cast<std::size_t>(target));
  resample_row(linear_weights(static_cast<int>(samples.size()), target), samples, 0, 0, out);
  return out;
}

const std::vector<float> kSquares{0, 1, 4, 9, 16, 25, 36};

// Expected values: Pillow's resize(..., BILINEAR) of a float image, the filter that PyTorch's antialiasing follows.
TEST(LinearResampling, WidensTheTriangleWhenShrinking) {
  EXPECT_THAT(resize(kSquares, 3), Pointwise(FloatNear(2e-5F), {1.285714F, 9.941176F, 27.0F}));
  EXPECT_THAT(resize(kSquares, 5), Pointwise(FloatNear(2e-5F), {0.333333F, 2.666667F, 9.363636F, 20.0F, 32.333332F}));
  EXPECT_THAT(resize(kSquares, 1), Pointwise(FloatNear(2e-5F), {12.351352F}));
}

TEST(LinearResampling, InterpolatesBetweenPixelCentresWhenEnlarging) {
  EXPECT_THAT(resize({1, -2, 4}, 8),
              Pointwise(FloatNear(1e-6F), {1.0F, 0.8125F, -0.3125F, -1.4375F, -0.875F, 1.375F, 3.625F, 4.0F}));
  EXPECT_THAT(resize({5}, 4), ElementsAre(5, 5, 5, 5));
}

TEST(LinearResampling, CopiesWhenTheSizeStays) {
  EXPECT_EQ(resize(kSquares, 7), kSquares);
}

TEST(LinearResampling, GivesAnyRangeOfOutputsFromOnlyTheSamplesTheyNeed) {
  for (const int target : {2, 3, 5, 7, 20}) {
    const AxisWeights axis = linear_weights(7, target);
    const std::vector<float> whole = resize(kSquares, target);
    for (int begin = 0; begin < target; ++begin) {
      const int origin = axis.first[static_cast<std::size_t>(begin)];
      std::vector<float> samples(kSquares.begin() + origin, kSquares.begin() + origin + axis.taps);
      std::vector<float> out(1);
      resample_row(axis, samples, origin, begin, out);
      EXPECT_EQ(out[0], whole[static_cast<std::size_t>(begin)]) << target << " " << begin;
    }
  }
}

TEST(LinearResampling, HasWeightsThatAddUpToOneForEverySize) {
  for (int source = 1; source < 40; ++source) {
    for (int target = 1; target < 60; ++target) {
      const AxisWeights axis = linear_weights(source, target);
      const auto taps = static_cast<std::size_t>(axis.taps);
      for (std::size_t i = 0; i < axis.first.size(); ++i) {
        float sum = 0;
        for (std::size_t k = 0; k < taps; ++k) sum += axis.weights[i * taps + k];
        ASSERT_NEAR(sum, 1.0F, 1e-5F) << source << " to " << target;
        ASSERT_GE(axis.first[i], 0);
        ASSERT_LE(axis.first[i] + axis.taps, source);
      }
    }
  }
}

TEST(LinearResampling, IsEmptyForSizesThatAreNotPositive) {
  EXPECT_TRUE(linear_weights(0, 5).first.empty());
  EXPECT_TRUE(linear_weights(5, 0).first.empty());
}

}  // namespace
}  // namespace osprey::vision
