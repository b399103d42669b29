#include "vision/activations.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

TEST(Exponential, IsWithinThreeTenMillionthsOfTheStandardLibrary) {
  for (float x = -86.9F; x < 87.0F; x += 0.0137F) {
    const double exact = std::exp(static_cast<double>(x));
    ASSERT_NEAR(static_cast<double>(exponential(x)) / exact, 1.0, 3e-7) << x;
  }
  EXPECT_EQ(exponential(0.0F), 1.0F);
}

TEST(Exponential, KeepsNan) {
  EXPECT_TRUE(std::isnan(exponential(std::numeric_limits<float>::quiet_NaN())));
}

TEST(Sigmoid, IsOneHalfAtZeroAndWithinZeroAndOne) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::array<float, 8> values{0.0F, 2.0F, -2.0F, 1e9F, -1e9F, infinity, -infinity, -infinity * 0};
  apply_sigmoid(values);
  EXPECT_EQ(values[0], 0.5F);
  EXPECT_NEAR(values[1], 0.880797F, 1e-6F);
  EXPECT_NEAR(values[2], 0.119203F, 1e-6F);
  EXPECT_EQ(values[3], 1.0F);
  EXPECT_NEAR(values[4], 0.0F, 1e-30F);
  EXPECT_EQ(values[5], 1.0F);
  EXPECT_NEAR(values[6], 0.0F, 1e-30F);
  EXPECT_TRUE(std::isnan(values[7]));
}

TEST(Softmax, AddsUpToOneAlsoForLargeLogits) {
  std::array<float, 3> values{1000.0F, 1001.0F, 1002.0F};
  apply_softmax(values);
  EXPECT_NEAR(values[0], 0.09003F, 1e-5F);
  EXPECT_NEAR(values[1], 0.24473F, 1e-5F);
  EXPECT_NEAR(values[2], 0.66524F, 1e-5F);
}

TEST(Softmax, IsNanThroughoutWhenOneLogitIs) {
  std::array<float, 2> values{1.0F, std::numeric_limits<float>::quiet_NaN()};
  apply_softmax(values);
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_TRUE(std::isnan(values[1]));
}

}  // namespace
}  // namespace osprey::vision
