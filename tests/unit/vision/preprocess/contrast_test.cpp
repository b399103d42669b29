// Fixtures by NumPy and scikit-image: write_fixtures.py.
#include <string>

#include <gtest/gtest.h>

#include "pictures.hpp"

namespace osprey::vision {
namespace {

class ContrastFixtures : public testing::TestWithParam<const char*> {
 protected:
  static int differences(Contrast contrast, const char* name) {
    const image::Image picture = fixture(GetParam());
    PreprocessPlan plan = pixel_plan(picture.size());
    plan.contrast = contrast;
    return count_differences(prepare(picture, plan), fixture(std::string(GetParam()) + "." + name));
  }
};

TEST_P(ContrastFixtures, StretchingEqualsTheLibrary) {
  EXPECT_EQ(differences(Contrast::stretching, "stretching"), 0);
}

TEST_P(ContrastFixtures, HistogramEqualizationEqualsTheLibrary) {
  EXPECT_EQ(differences(Contrast::histogram_equalization, "histogram_equalization"), 0);
}

TEST_P(ContrastFixtures, AdaptiveEqualizationEqualsTheLibrary) {
  EXPECT_EQ(differences(Contrast::adaptive_equalization, "adaptive_equalization"), 0);
}

INSTANTIATE_TEST_SUITE_P(Pictures, ContrastFixtures, testing::Values("scene", "tall", "line", "flat", "dot"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Contrast, CanBeSwitchedOffByTheRequest) {
  const image::Image scene = fixture("scene");
  PreprocessPlan plan = pixel_plan(scene.size());
  plan.contrast = Contrast::histogram_equalization;
  PreprocessSwitches switches;
  EXPECT_GT(count_differences(prepare(scene, plan, switches), scene), 0);
  switches.disable_contrast = true;
  EXPECT_EQ(count_differences(prepare(scene, plan, switches), scene), 0);
}

}  // namespace
}  // namespace osprey::vision
