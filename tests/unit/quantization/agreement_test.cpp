#include "quantization/agreement.hpp"

#include <gtest/gtest.h>

namespace osprey::quantization {
namespace {

vision::Detection detection(float left, int class_id = 0, float confidence = 0.9F) {
  return {.box = {left, 0, left + 10, 10}, .confidence = confidence, .class_id = class_id};
}

vision::Prediction objects(std::vector<vision::Detection> found) {
  return vision::ObjectDetections{std::move(found)};
}

std::optional<double> share_of(const vision::Prediction& original, const vision::Prediction& changed) {
  Agreement agreement;
  agreement.add(original, changed);
  return agreement.share();
}

TEST(Overlap, IsIntersectionOverUnion) {
  EXPECT_DOUBLE_EQ(overlap(vision::Box{0, 0, 10, 10}, vision::Box{0, 0, 10, 10}), 1.0);
  EXPECT_DOUBLE_EQ(overlap(vision::Box{0, 0, 10, 10}, vision::Box{5, 0, 15, 10}), 50.0 / 150.0);
  EXPECT_DOUBLE_EQ(overlap(vision::Box{0, 0, 10, 10}, vision::Box{20, 20, 30, 30}), 0.0);
  EXPECT_DOUBLE_EQ(overlap(vision::Box{5, 5, 5, 5}, vision::Box{5, 5, 5, 5}), 0.0);
}

TEST(Overlap, OfMasksCountsPixelsWhereverTheirRegionsLie) {
  const vision::MaskRegion square{0, 0, {2, 2}, {1, 1, 1, 1}};
  const vision::MaskRegion beside{1, 1, {2, 2}, {1, 0, 0, 1}};  // pixels (1,1) and (2,2)
  EXPECT_DOUBLE_EQ(overlap(square, beside), 1.0 / 5.0);
  EXPECT_DOUBLE_EQ(overlap(square, vision::MaskRegion{5, 5, {0, 0}, {}}), 0.0);
}

TEST(Agreement, OfTheSameObjectsIsOne) {
  EXPECT_EQ(share_of(objects({detection(0), detection(50, 1)}), objects({detection(51, 1), detection(0)})), 1.0);
}

TEST(Agreement, CountsWhatEitherNetworkFindsAlone) {
  // Lost: one of two. F1: 2 * 1 / (2 + 1).
  EXPECT_DOUBLE_EQ(*share_of(objects({detection(0), detection(50)}), objects({detection(0)})), 2.0 / 3.0);
  // Made up: two more.
  EXPECT_DOUBLE_EQ(*share_of(objects({detection(0)}), objects({detection(0), detection(30), detection(60)})), 0.5);
}

TEST(Agreement, NeedsTheSameClassAndHalfOfTheOverlap) {
  EXPECT_EQ(share_of(objects({detection(0, 0)}), objects({detection(0, 1)})), 0.0);
  EXPECT_EQ(share_of(objects({detection(0)}), objects({detection(3.3F)})), 1.0);  // 6.7 / 13.3
  EXPECT_EQ(share_of(objects({detection(0)}), objects({detection(3.4F)})), 0.0);  // 6.6 / 13.4
}

TEST(Agreement, TakesEachObjectOnce) {
  EXPECT_DOUBLE_EQ(*share_of(objects({detection(0), detection(1)}), objects({detection(0)})), 2.0 / 3.0);
}

TEST(Agreement, AddsUpOverPictures) {
  Agreement agreement;
  agreement.add(objects({detection(0)}), objects({detection(0)}));
  agreement.add(objects({}), objects({}));
  agreement.add(objects({detection(0)}), objects({}));
  EXPECT_DOUBLE_EQ(*agreement.share(), 2.0 / 3.0);
  EXPECT_EQ(agreement.text(), "1 of 2 and 1 objects are the same");
}

TEST(Agreement, CannotBeJudgedWhereTheOriginalFindsNothing) {
  EXPECT_EQ(share_of(objects({}), objects({})), std::nullopt);
  EXPECT_EQ(share_of(objects({}), objects({detection(0)})), std::nullopt);
}

TEST(Agreement, OfInstancesGoesByTheirMasksAndNotByTheirBoxes) {
  const auto instances = [](std::vector<std::uint8_t> pixels) {
    return vision::InstanceSegments{{{detection(0), {0, 0, {2, 2}, std::move(pixels)}}}, {20, 20}, false};
  };
  EXPECT_EQ(share_of(instances({1, 1, 0, 0}), instances({1, 1, 0, 0})), 1.0);
  EXPECT_EQ(share_of(instances({1, 1, 0, 0}), instances({0, 0, 1, 1})), 0.0);
}

TEST(Agreement, OfPosesNeedsTheKeypointsToBeNear) {
  const auto pose = [](float x, int slot = 0) {
    return vision::Poses{{{detection(0), {{.x = x, .y = 5, .confidence = 1, .slot = slot}}}}};
  };
  EXPECT_EQ(share_of(pose(5), pose(5.9F)), 1.0);  // of a box of 10 x 10
  EXPECT_EQ(share_of(pose(5), pose(6.1F)), 0.0);
  EXPECT_EQ(share_of(pose(5), vision::Poses{{{detection(0), {}}}}), 0.0);
}

TEST(Agreement, OfClassificationIsTheShareOfPicturesWithTheSameBestClass) {
  Agreement agreement;
  agreement.add(vision::Classification{{{1, 0.8}, {2, 0.1}}}, vision::Classification{{{1, 0.5}, {2, 0.4}}});
  agreement.add(vision::Classification{{{1, 0.8}, {2, 0.1}}}, vision::Classification{{{2, 0.5}, {1, 0.4}}});
  EXPECT_EQ(agreement.share(), 0.5);
}

TEST(Agreement, OfSeveralClassesIsTheirJaccardIndex) {
  const auto classes = [](std::vector<int> ids) {
    return vision::MultiLabelClassification{{0, 0, 0, 0}, std::move(ids)};
  };
  EXPECT_EQ(share_of(classes({0, 1, 2}), classes({1, 2, 3})), 0.5);
  EXPECT_EQ(share_of(classes({}), classes({})), std::nullopt);
}

TEST(Agreement, OfPixelsIsTheMeanOverClasses) {
  const auto map = [](std::vector<std::uint8_t> ids) { return vision::SemanticMap{{4, 1}, std::move(ids), {}}; };
  // Class 0: 2 of 3 pixels; class 1: 1 of 2.
  EXPECT_DOUBLE_EQ(*share_of(map({0, 0, 1, 1}), map({0, 0, 0, 1})), (2.0 / 3.0 + 0.5) / 2);
  EXPECT_EQ(share_of(map({0, 0, 0, 0}), map({0, 0, 0, 0})), std::nullopt);
}

TEST(Agreement, OfPredictionsOfTwoKindsIsNone) {
  EXPECT_EQ(share_of(objects({detection(0)}), vision::Classification{{{0, 1.0}}}), 0.0);
}

}  // namespace
}  // namespace osprey::quantization
