#include "vision/families/yolonas.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;

const Rows kBoxes{{10, 20, 30, 40}, {11, 20, 31, 40}, {100, 100, 120, 120}};
const Rows kScores{{0.5F, 0.1F}, {0.8F, 0.2F}, {0.1F, 0.6F}};

TEST(Yolonas, TakesCornersAndScoresFromTwoOutputs) {
  const auto found = detections(*made(detector("yolo_nas_s")), {by_row(kBoxes), by_row(kScores)});
  EXPECT_THAT(confidences(found), ElementsAre(0.8F, 0.6F));
  EXPECT_EQ(found[0].box, (Box{11, 20, 31, 40}));
  EXPECT_EQ(found[1].class_id, 1);
}

TEST(Yolonas, TakesTheOutputsInEitherOrder) {
  const auto family = made(detector("yolonas"));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 2100, 4}, {-1, 2100, 2}})));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 2100, 2}, {-1, 2100, 4}})));
  EXPECT_THAT(confidences(detections(*family, {by_row(kScores), by_row(kBoxes)})), ElementsAre(0.8F, 0.6F));
}

TEST(Yolonas, TakesBoxesFirstWhenFourClassesMakeTheShapesEqual) {
  const auto family = made(detector("yolonas", {"a", "b", "c", "d"}));
  const auto found = detections(*family, {by_row({{10, 20, 30, 40}}), by_row({{0.1F, 0.2F, 0.9F, 0.3F}})});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].box, (Box{10, 20, 30, 40}));
  EXPECT_EQ(found[0].class_id, 2);
}

TEST(Yolonas, PassesOnlyAboveTheThreshold) {
  const auto family = made(detector("yolonas"));
  const std::vector<Output> outputs{by_row({{10, 20, 30, 40}}), by_row({{0.4F, 0.1F}})};
  EXPECT_TRUE(detections(*family, outputs, with_default_confidence()).empty());
  EXPECT_EQ(detections(*family, outputs, with_confidence(std::nextafter(0.4F, 0.0F))).size(), 1U);
}

TEST(Yolonas, RefusesOtherOutputs) {
  const auto family = made(detector("yolonas"));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 2100, 4}})));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 2100, 4}, {-1, 2100, 80}})));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 2100, 4}, {-1, 2100, 4}})));
  const std::vector<Output> unequal{by_row(kBoxes), by_row({{0.5F, 0.1F}})};
  EXPECT_FALSE(family->decode(views(unequal), 0, same_size(), {}));
}

}  // namespace
}  // namespace osprey::vision
