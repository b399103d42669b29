#include "vision/families/rfdetr.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"
#include "vision/families/rfdetr_queries.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::IsEmpty;

float logit(float p) {
  return std::log(p / (1 - p));
}

std::vector<int> class_ids(const std::vector<Detection>& found) {
  std::vector<int> ids;
  for (const Detection& detection : found) ids.push_back(detection.class_id);
  return ids;
}

auto near(float value) {
  return FloatNear(value, 1e-6F);
}

const Rows kBoxes{{0.5F, 0.5F, 0.2F, 0.4F}, {0.25F, 0.25F, 0.1F, 0.1F}};

TEST(Rfdetr, TakesSigmoidsBestFirstAndBoxesAsFractions) {
  const auto found =
      detections(*made(detector("rfdetr-nano")), {by_row(kBoxes), by_row({{logit(0.6F), -9}, {-9, logit(0.8F)}})}, {},
                 same_size(200, 100));
  EXPECT_THAT(confidences(found), ElementsAre(near(0.8F), near(0.6F)));
  EXPECT_THAT(class_ids(found), ElementsAre(1, 0));
  EXPECT_EQ(found[0].box, (Box{40, 20, 60, 30}));
  EXPECT_EQ(found[1].box, (Box{80, 30, 120, 70}));
}

TEST(Rfdetr, ReportsAQueryOnceForEachClassWithoutNms) {
  const auto found =
      detections(*made(detector("rfdetr")), {by_row(kBoxes), by_row({{logit(0.9F), logit(0.7F)}, {-9, -9}})});
  EXPECT_THAT(confidences(found), ElementsAre(near(0.9F), near(0.7F)));
  EXPECT_EQ(found[0].box, found[1].box);
}

TEST(Rfdetr, TakesAsManyPairsAsThereAreQueriesBeforeDroppingColumns) {
  // Two queries, so two pairs: the best two belong to the column behind the classes and are dropped, though the others
  // are above the threshold.
  const auto family = made(detector("rfdetr"));
  const Output logits = by_row({{logit(0.6F), -9, logit(0.9F)}, {-9, logit(0.7F), logit(0.95F)}});
  EXPECT_THAT(detections(*family, {by_row(kBoxes), logits}), IsEmpty());
  const Output fewer = by_row({{logit(0.6F), -9, logit(0.9F)}, {-9, logit(0.7F), -9}});
  EXPECT_THAT(confidences(detections(*family, {by_row(kBoxes), fewer})), ElementsAre(near(0.7F)));
}

TEST(Rfdetr, ShiftsClassesPastTheRemovedOnes) {
  FamilyConfig config = detector("rfdetr", {"background", "cat", "other", "dog"});
  config.removed_classes = {"background", "other"};
  const auto family = made(config);
  const Rows boxes(4, kBoxes[0]);
  const Output logits = by_row(
      {{logit(0.9F), -9, -9, logit(0.8F)}, {-9, -9, logit(0.85F), -9}, {-9, logit(0.7F), -9, -9}, {-9, -9, -9, -9}});
  const auto found = detections(*family, {by_row(boxes), logits});
  EXPECT_THAT(confidences(found), ElementsAre(near(0.8F), near(0.7F)));
  EXPECT_THAT(class_ids(found), ElementsAre(1, 0));
  DecodeOptions options;
  options.class_filter = {"dog"};
  EXPECT_THAT(class_ids(detections(*family, {by_row(boxes), logits}, options)), ElementsAre(1));
}

TEST(Rfdetr, HoldsRecommendedThresholdsByTheShiftedClass) {
  FamilyConfig config = detector("rfdetr", {"background", "cat", "dog"});
  config.removed_classes = {"background"};
  config.recommended = {.confidence = 0.9F, .per_class = {{"dog", 0.3F}}};
  DecodeOptions options;
  options.confidence.kind = Confidence::Kind::best;
  const auto found =
      detections(*made(config), {by_row(kBoxes), by_row({{-9, logit(0.8F), -9}, {-9, -9, logit(0.4F)}})}, options);
  EXPECT_THAT(class_ids(found), ElementsAre(1));
}

TEST(Rfdetr, PassesOnlyAboveTheThreshold) {
  const auto family = made(detector("rfdetr"));
  const std::vector<Output> half{by_row(kBoxes), by_row({{0, -9}, {-9, -9}})};
  EXPECT_THAT(detections(*family, half, with_confidence(0.5F)), IsEmpty());
  EXPECT_EQ(detections(*family, half, with_confidence(std::nextafter(0.5F, 0.0F))).size(), 1U);
  const std::vector<Output> around{by_row(kBoxes), by_row({{logit(0.401F), -9}, {-9, logit(0.399F)}})};
  EXPECT_EQ(detections(*family, around, with_default_confidence()).size(), 1U);
  EXPECT_THAT(detections(*family, half, with_confidence(1)), IsEmpty());
}

TEST(Rfdetr, AtThresholdZeroGivesTheBestPairsOnly) {
  EXPECT_EQ(
      detections(*made(detector("rfdetr")), {by_row(kBoxes), by_row({{-3, -2}, {-1, -4}})}, with_confidence(0)).size(),
      2U);
}

TEST(Rfdetr, HasNoUseForNmsParameters) {
  DecodeOptions options;
  options.max_detections = 1;
  options.iou_threshold = 0;
  options.class_agnostic_nms = true;
  const std::vector<Output> outputs{by_row({kBoxes[0], kBoxes[0]}), by_row({{3, -9}, {2, -9}})};
  EXPECT_EQ(detections(*made(detector("rfdetr")), outputs, options).size(), 2U);
}

TEST(Rfdetr, OrdersEqualScoresByQuery) {
  const auto found = detections(*made(detector("rfdetr")), {by_row(kBoxes), by_row({{-9, 2}, {2, -9}})});
  EXPECT_THAT(class_ids(found), ElementsAre(1, 0));
}

TEST(Rfdetr, NeverPassesOnWhatIsNotANumber) {
  const float nan = std::nanf("");
  EXPECT_THAT(
      detections(*made(detector("rfdetr")),
                 {by_row({{0.5F, 0.5F, nan, 0.1F}, kBoxes[1]}), by_row({{5, -9}, {nan, nan}})}, with_confidence(0.1F)),
      IsEmpty());
}

TEST(Rfdetr, ChecksOutputs) {
  const auto family = made(detector("rfdetr"));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 300, 4}, {-1, 300, 3}})));
  EXPECT_TRUE(family->check_outputs(specs({{-1, -1, -1}, {-1, -1, -1}})));
  const Status few = family->check_outputs(specs({{-1, 300, 4}, {-1, 300, 1}}));
  ASSERT_FALSE(few);
  EXPECT_THAT(few.error().message, HasSubstr("at least 2"));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 300, 4}, {-1, 300, 3}, {-1, 300, 78, 78}})));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 300, 3}, {-1, 300, 4}})));
  const std::vector<Output> unequal{by_row(kBoxes), by_row({{1, 1}})};
  EXPECT_FALSE(family->decode(views(unequal), 0, same_size(), {}));
}

}  // namespace
}  // namespace osprey::vision
