#include "vision/families/yololite.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

// sigmoid(0) = 0.5, sigmoid(log 3) = 0.75, sigmoid(log 9) = 0.9.
const float kLog3 = std::log(3.0F);
const float kLog9 = std::log(9.0F);

TEST(Yololite, MultipliesTheSigmoids) {
  const auto found =
      detections(*made(detector("yololite-n")), {by_row({{10, 20, 30, 40}, {100, 100, 120, 120}}),
                                                 by_row({{kLog3}, {kLog9}}), by_row({{kLog9, 0}, {-kLog9, kLog9}})});
  EXPECT_THAT(confidences(found), ElementsAre(FloatNear(0.81F, 1e-6F), FloatNear(0.675F, 1e-6F)));
  EXPECT_EQ(found[0].class_id, 1);
  EXPECT_EQ(found[1].box, (Box{10, 20, 30, 40}));
}

TEST(Yololite, PassesOnlyAboveTheThresholdAndDefaultsToAQuarter) {
  // 0.5 * 0.5 is exactly a quarter.
  const auto family = made(detector("yololite"));
  const std::vector<Output> quarter{by_row({{10, 20, 30, 40}}), by_row({{0}}), by_row({{0, -1}})};
  EXPECT_TRUE(detections(*family, quarter, with_default_confidence()).empty());
  EXPECT_EQ(detections(*family, quarter, with_confidence(std::nextafter(0.25F, 0.0F))).size(), 1U);
  const std::vector<Output> more{by_row({{10, 20, 30, 40}}), by_row({{0}}), by_row({{0.1F, -1}})};
  EXPECT_EQ(detections(*family, more, with_default_confidence()).size(), 1U);
}

TEST(Yololite, TakesTheFirstOfSaturatedClasses) {
  const auto found =
      detections(*made(detector("yololite")), {by_row({{10, 20, 30, 40}}), by_row({{50}}), by_row({{40, 60}})});
  EXPECT_EQ(found.at(0).class_id, 0);
}

TEST(Yololite, TakesTheOutputsInAnyOrder) {
  const auto family = made(detector("yololite"));
  const Output boxes = by_row({{10, 20, 30, 40}});
  const Output objectness = by_row({{kLog3}});
  const Output classes = by_row({{0, kLog3}});
  for (const std::vector<Output>& outputs :
       {std::vector{boxes, objectness, classes}, {classes, boxes, objectness}, {objectness, classes, boxes}}) {
    EXPECT_THAT(confidences(detections(*family, outputs)), ElementsAre(FloatNear(0.5625F, 1e-6F)));
    EXPECT_TRUE(family->check_outputs(specs({outputs[0].shape, outputs[1].shape, outputs[2].shape})));
  }
}

TEST(Yololite, ReadsOneClass) {
  const auto family = made(detector("yololite", {"cat"}));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 99, 4}, {-1, 99, 1}, {-1, 99, 1}})));
  EXPECT_EQ(detections(*family, {by_row({{10, 20, 30, 40}}), by_row({{kLog9}}), by_row({{kLog9}})}).size(), 1U);
}

TEST(Yololite, RefusesOtherOutputs) {
  const auto family = made(detector("yololite"));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 99, 4}, {-1, 99, 1}})));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 99, 4}, {-1, 99, 1}, {-1, 99, 80}})));
  const std::vector<Output> unequal{by_row({{10, 20, 30, 40}}), by_row({{1}, {1}}), by_row({{1, 1}})};
  EXPECT_FALSE(family->decode(views(unequal), 0, same_size(), {}));
}

}  // namespace
}  // namespace osprey::vision
