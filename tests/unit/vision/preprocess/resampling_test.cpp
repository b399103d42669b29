// Fixtures by Pillow and OpenCV: write_fixtures.py.
#include <array>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "pictures.hpp"

namespace osprey::vision {
namespace {

struct ResizeCase {
  const char* picture;
  Size size;
};

constexpr std::array kCases{
    ResizeCase{"scene", {23, 31}}, ResizeCase{"scene", {100, 20}}, ResizeCase{"scene", {20, 100}},
    ResizeCase{"scene", {80, 90}}, ResizeCase{"scene", {61, 30}},  ResizeCase{"scene", {30, 45}},
    ResizeCase{"scene", {1, 1}},   ResizeCase{"tall", {16, 170}},  ResizeCase{"line", {20, 3}},
    ResizeCase{"dot", {4, 5}},
};

std::string file(const ResizeCase& resize, const char* library) {
  return std::string(resize.picture) + "." + library + "." + std::to_string(resize.size.width) + "x" +
         std::to_string(resize.size.height);
}

TEST(Resampling, EqualsPillowBitForBit) {
  for (const ResizeCase& resize : kCases) {
    PreprocessPlan plan = pixel_plan(resize.size);
    plan.resampling = Resampling::pillow_bilinear;
    Prepared prepared = prepare(fixture(resize.picture), plan);
    for (float& value : prepared.tensor) value = std::nearbyint(value * 255.0F);
    const std::string name = file(resize, "pillow");
    EXPECT_EQ(count_differences(prepared, fixture(name)), 0) << name;
  }
}

TEST(Resampling, EqualsOpenCvBitForBit) {
  for (const ResizeCase& resize : kCases) {
    const std::string name = file(resize, "opencv");
    EXPECT_EQ(count_differences(prepare(fixture(resize.picture), pixel_plan(resize.size)), fixture(name)), 0) << name;
  }
}

TEST(Resampling, LeavesAPictureOfTheRightSizeAsItIs) {
  const image::Image scene = fixture("scene");
  EXPECT_EQ(count_differences(prepare(scene, pixel_plan(scene.size())), scene), 0);
}

}  // namespace
}  // namespace osprey::vision
