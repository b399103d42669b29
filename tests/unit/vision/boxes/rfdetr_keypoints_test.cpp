#include "vision/families/rfdetr_keypoints.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

float logit(float p) {
  return std::log(p / (1 - p));
}

FamilyConfig poser() {
  FamilyConfig config = config_for(Task::keypoint_detection, "rfdetr-keypoint-preview", {"background", "cat"});
  config.removed_classes = {"background"};
  config.skeletons = {{}, {{"nose", "tail"}}};
  return config;
}

/// x, y, findability and the factor L of the precision matrix.
std::vector<float> keypoint(float x, float y, float findable, float l11 = 1, float l21 = 0, float l22 = 1) {
  return {x, y, logit(findable), 0, std::log(l11), l21, std::log(l22), 0};
}

/// [1, 1, 4 keypoints, 8] for one query: two slots of the background, two of the cat.
Output keypoints(const std::vector<float>& nose, const std::vector<float>& tail) {
  const auto unused = keypoint(0, 0, 0.5F);
  return {{1, 1, 4, 8}, flat({unused, unused, nose, tail})};
}

const Rows kBox{{0.5F, 0.5F, 0.2F, 0.4F}};

std::vector<Pose> poses(const std::vector<Output>& outputs, const DecodeOptions& options = {}) {
  return decoded<Poses>(*made(poser()), outputs, options, same_size(200, 100)).poses;
}

TEST(RfdetrKeypoints, FusesTheScoreWithTheSharpnessOfTheKeypoints) {
  // Trace nose: 1 + 1 + 0 = 2, weight 0.9; tail: 1/4 + 1 + 4/4 = 2.25, weight 0.6. m = (1.8 + 1.35) / 1.5 = 2.1.
  const auto found = poses({by_row(kBox), by_row({{-9, logit(0.8F)}}),
                            keypoints(keypoint(0.5F, 0.25F, 0.9F), keypoint(0.25F, 0.5F, 0.6F, 2, 2, 1))});
  ASSERT_THAT(found, SizeIs(1));
  const double fused = 0.8 * std::pow(2.1, -0.2);
  EXPECT_NEAR(found[0].detection.confidence, fused / (1 + fused), 1e-6);
  EXPECT_EQ(found[0].detection.class_id, 0);
  EXPECT_EQ(found[0].detection.box, (Box{80, 30, 120, 70}));
  ASSERT_THAT(found[0].keypoints, SizeIs(2));
  EXPECT_EQ(found[0].keypoints[0].x, 100);
  EXPECT_EQ(found[0].keypoints[0].y, 25);
  EXPECT_NEAR(found[0].keypoints[0].confidence, 0.9, 1e-6);
  EXPECT_EQ(found[0].keypoints[1].x, 50);
  EXPECT_EQ(found[0].keypoints[1].slot, 1);
}

TEST(RfdetrKeypoints, ClampsKeypointsToTheImageAndLeavesOutWeakOnes) {
  const auto found =
      poses({by_row(kBox), by_row({{-9, 9}}), keypoints(keypoint(1.5F, -0.25F, 0.9F), keypoint(0.25F, 0.5F, 0.29F))});
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_THAT(found[0].keypoints, SizeIs(1));
  EXPECT_EQ(found[0].keypoints[0].x, 200);
  EXPECT_EQ(found[0].keypoints[0].y, 0);
  DecodeOptions options;
  options.keypoint_confidence = 0.2F;
  EXPECT_THAT(
      poses({by_row(kBox), by_row({{-9, 9}}), keypoints(keypoint(0.5F, 0.5F, 0.9F), keypoint(0.25F, 0.5F, 0.29F))},
            options)
          .at(0)
          .keypoints,
      SizeIs(2));
}

TEST(RfdetrKeypoints, OrdersEveryPairByFusedScore) {
  const auto sharp = keypoint(0.5F, 0.5F, 0.9F, 10, 0, 10);
  const auto vague = keypoint(0.5F, 0.5F, 0.9F, 0.1F, 0, 0.1F);
  const Output both{{1, 2, 4, 8}, flat({vague, vague, vague, vague, sharp, sharp, sharp, sharp})};
  const auto found =
      poses({by_row({kBox[0], {0.25F, 0.25F, 0.1F, 0.1F}}), by_row({{-9, logit(0.9F)}, {-9, logit(0.5F)}}), both},
            with_confidence(0.1F));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].detection.box, (Box{40, 20, 60, 30}));
  EXPECT_GT(found[0].detection.confidence, found[1].detection.confidence);
}

TEST(RfdetrKeypoints, SurvivesWhatIsNotANumber) {
  const float nan = std::nanf("");
  const Output broken{{1, 1, 4, 8}, std::vector<float>(32, nan)};
  EXPECT_THAT(poses({by_row(kBox), by_row({{9, 9}}), broken}, with_confidence(0)), SizeIs(0));
  const Output huge{{1, 1, 4, 8}, std::vector<float>(32, 1e38F)};
  EXPECT_THAT(poses({by_row(kBox), by_row({{9, 9}}), huge}, with_confidence(0.5F)), SizeIs(0));
}

TEST(RfdetrKeypoints, TakesSkeletonsWithoutTheRemovedClasses) {
  FamilyConfig config = poser();
  config.skeletons = {{{"nose", "tail"}}};
  const auto found = decoded<Poses>(*made(config), {by_row(kBox), by_row({{-9, 9}}),
                                                    keypoints(keypoint(0.5F, 0.5F, 0.9F), keypoint(0.5F, 0.5F, 0.9F))});
  EXPECT_THAT(found.poses.at(0).keypoints, SizeIs(2));
}

TEST(RfdetrKeypoints, ReadsNetworksWhoseColumnOfNoObjectsHasNoKeypoints) {
  FamilyConfig config = config_for(Task::keypoint_detection, "rfdetr-keypoint-preview", {"cat", "dog"});
  config.skeletons = {{{"nose", "tail"}}, {{"nose", "tail"}}};
  const auto family = made(config);
  EXPECT_TRUE(family->check_outputs(specs({{-1, 100, 4}, {-1, 100, 3}, {-1, 100, 4, 8}})));

  const auto unused = keypoint(0, 0, 0.5F);
  const auto nose = keypoint(0.5F, 0.25F, 0.9F);
  const auto tail = keypoint(0.25F, 0.5F, 0.6F, 2, 2, 1);
  const Output two_queries{{1, 2, 4, 8}, flat({unused, unused, unused, unused, unused, unused, nose, tail})};
  const auto found =
      decoded<Poses>(*family, {by_row({kBox[0], kBox[0]}), by_row({{-9, -9, 9}, {-9, logit(0.8F), 9}}), two_queries},
                     {}, same_size(200, 100))
          .poses;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].detection.class_id, 1);
  const double fused = 0.8 * std::pow(2.1, -0.2);
  EXPECT_NEAR(found[0].detection.confidence, fused / (1 + fused), 1e-6);
  ASSERT_THAT(found[0].keypoints, SizeIs(2));
  EXPECT_EQ(found[0].keypoints[0].x, 100);
  EXPECT_EQ(found[0].keypoints[1].x, 50);
}

TEST(RfdetrKeypoints, TellsTheTwoLayoutsApartByTheNumberOfSlots) {
  FamilyConfig config = config_for(Task::keypoint_detection, "rfdetr-keypoint-preview", {"cat"});
  config.skeletons = {{{"nose", "tail"}}};  // 2 keypoints of 2 columns: one class's, not one each
  const Output pair{{1, 1, 2, 8}, flat({keypoint(0.5F, 0.5F, 0.9F), keypoint(0.25F, 0.5F, 0.9F)})};
  const auto found = decoded<Poses>(*made(config), {by_row(kBox), by_row({{9, -9}}), pair});
  ASSERT_THAT(found.poses, SizeIs(1));
  EXPECT_THAT(found.poses[0].keypoints, SizeIs(2));
}

TEST(RfdetrKeypoints, ChecksOutputs) {
  const auto family = made(poser());
  EXPECT_TRUE(family->check_outputs(specs({{-1, 100, 4}, {-1, 100, 2}, {-1, 100, 34, 8}})));
  const Status refused = family->check_outputs(specs({{-1, 100, 4}, {-1, 100, 2}, {-1, 100, 33, 8}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("[?,100,33,8]"));
  EXPECT_FALSE(family->check_outputs(specs({{-1, 100, 4}, {-1, 100, 2}})));
  const std::vector<Output> odd{by_row(kBox), by_row({{1, 1}}), {{1, 1, 3, 8}, std::vector<float>(24)}};
  EXPECT_FALSE(family->decode(views(odd), 0, same_size(), {}));
}

}  // namespace
}  // namespace osprey::vision
