#include "vision/families/yolov5.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Yolov5, PassesByObjectnessAndReportsTheClassScore) {
  const auto family = made(detector("yolov5v6s"));
  const auto found = detections(*family, {by_row({{50, 50, 20, 20, 0.9F, 0.2F, 0.1F},
                                                  {90, 90, 20, 20, 0.3F, 0.9F, 0.9F},
                                                  {200, 200, 20, 20, 0.5F, 0.1F, 0.7F}})});
  EXPECT_THAT(confidences(found), ElementsAre(0.7F, 0.2F));
  EXPECT_EQ(found[0].class_id, 1);
  EXPECT_EQ(found[1].box, (Box{40, 40, 60, 60}));
}

TEST(Yolov5, SuppressesInTheOrderOfClassScores) {
  const auto family = made(detector("yolov5"));
  const auto found = detections(*family, {by_row({{50, 50, 20, 20, 0.95F, 0.5F, 0}, {50, 50, 20, 20, 0.5F, 0.8F, 0}})});
  EXPECT_THAT(confidences(found), ElementsAre(0.8F));
}

TEST(Yolov5, PassesOnlyAboveTheThreshold) {
  const auto family = made(detector("yolov5"));
  const std::vector<Output> outputs{by_row({{50, 50, 20, 20, 0.4F, 0.9F, 0}})};
  EXPECT_TRUE(detections(*family, outputs, with_confidence(0.4F)).empty());
  EXPECT_TRUE(detections(*family, outputs, with_default_confidence()).empty());
  EXPECT_EQ(detections(*family, outputs, with_confidence(std::nextafter(0.4F, 0.0F))).size(), 1U);
}

TEST(Yolov5, ChecksOnlyTheFirstOutput) {
  const auto family = made(detector("yolov5"));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 25200, 7}})));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 25200, 7}, {-1, 3, 80, 80, 7}})));
  const Status refused = family->check_outputs(specs({{-1, 25200, 85}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("[?,?,7]"));
  EXPECT_FALSE(family->check_outputs({}));
}

}  // namespace
}  // namespace osprey::vision
