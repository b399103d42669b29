// YOLOv8 and YOLO26 poses: alike but for layout, thresholds and NMS.
#include "vision/families/yolo_pose.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

// Two keypoints for the cat, one for the dog: two slots.
FamilyConfig poser(std::string architecture) {
  FamilyConfig config = config_for(Task::keypoint_detection, std::move(architecture), {"cat", "dog"});
  config.skeletons = {{{"nose", "tail"}}, {{"nose"}}};
  return config;
}

std::vector<Pose> poses(const FamilyConfig& config, const Output& output, const DecodeOptions& options = {},
                        const Geometry& geometry = same_size()) {
  return decoded<Poses>(*made(config), {output}, options, geometry).poses;
}

void expect_keypoint(const Keypoint& keypoint, float x, float y, float confidence, int slot) {
  EXPECT_EQ(keypoint.x, x);
  EXPECT_EQ(keypoint.y, y);
  EXPECT_EQ(keypoint.confidence, confidence);
  EXPECT_EQ(keypoint.slot, slot);
}

TEST(Yolov8Pose, ReadsKeypointsBehindTheClasses) {
  const auto found = poses(poser("yolov8n-pose"), by_column({{50, 50, 20, 20, 0.5F, 0, 41, 42, 0.3F, 43, 44, 0.1F},
                                                             {50, 50, 20, 20, 0.9F, 0, 51, 52, 0.8F, 53, 54, 0.7F},
                                                             {9, 9, 2, 2, 0.1F, 0.2F, 1, 2, 0.9F, 3, 4, 0.9F}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].detection.box, (Box{40, 40, 60, 60}));
  EXPECT_EQ(found[0].detection.confidence, 0.9F);
  ASSERT_THAT(found[0].keypoints, SizeIs(2));
  expect_keypoint(found[0].keypoints[0], 51, 52, 0.8F, 0);
  expect_keypoint(found[0].keypoints[1], 53, 54, 0.7F, 1);
}

TEST(Yolov8Pose, LeavesOutSlotsThatTheClassHasNot) {
  const auto found = poses(poser("yolov8"), by_column({{50, 50, 20, 20, 0, 0.9F, 51, 52, 0.8F, 53, 54, 0.7F}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].keypoints, SizeIs(1));
}

TEST(Yolov8Pose, LeavesOutKeypointsWithoutConfidence) {
  const auto found = poses(poser("yolo11n"), by_column({{50, 50, 20, 20, 0.9F, 0, 51, 52, 0, 53, 54, 0.01F}}));
  ASSERT_THAT(found.at(0).keypoints, SizeIs(1));
  EXPECT_EQ(found[0].keypoints[0].slot, 1);
}

TEST(Yolov8Pose, PutsKeypointsBackUnclamped) {
  Geometry geometry = same_size(64, 64);
  geometry.image = geometry.crop = {100, 50};
  geometry.scale_w = geometry.scale_h = 0.5F;
  geometry.pad_top = 16;
  const auto found =
      poses(poser("yolov8"), by_column({{20, 25, 20, 10, 0.9F, 0, -3, 10, 0.8F, 60.25F, 60, 0.7F}}), {}, geometry);
  ASSERT_THAT(found.at(0).keypoints, SizeIs(2));
  expect_keypoint(found[0].keypoints[0], -6, -12, 0.8F, 0);
  // 60.25 / 0.5 = 120.5, which rounds to the even 120.
  expect_keypoint(found[0].keypoints[1], 120, 88, 0.7F, 1);
}

TEST(Yolo26Pose, ReadsRowsInTheModelsOrder) {
  const auto found = poses(poser("yolo26n-pose"), by_row({{10, 10, 30, 30, 0.5F, 1, 11, 12, 0.9F, 13, 14, 0.9F},
                                                          {10, 10, 30, 30, 0.9F, 0, 21, 22, 0.8F, 23, 24, 0.7F}}));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].detection.class_id, 1);
  ASSERT_THAT(found[0].keypoints, SizeIs(1));
  expect_keypoint(found[0].keypoints[0], 11, 12, 0.9F, 0);
  ASSERT_THAT(found[1].keypoints, SizeIs(2));
  expect_keypoint(found[1].keypoints[1], 23, 24, 0.7F, 1);
}

TEST(Yolo26Pose, KeepsKeypointsAtItsThreshold) {
  const float below = std::nextafter(0.3F, 0.0F);
  const auto found = poses(poser("yolo26"), by_row({{10, 10, 30, 30, 0.9F, 0, 11, 12, 0.3F, 13, 14, below}}));
  ASSERT_THAT(found.at(0).keypoints, SizeIs(1));
  EXPECT_EQ(found[0].keypoints[0].slot, 0);
}

TEST(Yolo26Pose, PassesAtTheThresholdAndDefaultsToAQuarter) {
  const Output output = by_row({{10, 10, 30, 30, 0.25F, 0, 11, 12, 0.9F, 13, 14, 0.9F}});
  EXPECT_THAT(poses(poser("yolo26"), output, with_default_confidence()), SizeIs(1));
  EXPECT_THAT(poses(poser("yolo26"), output, with_confidence(std::nextafter(0.25F, 1.0F))), SizeIs(0));
}

TEST(Yolo26Pose, IsReadInTheYolov8LayoutToo) {
  const auto family = made(poser("yolo26"));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 300, 12}})));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 12, 8400}})));
  const auto found = poses(poser("yolo26"), by_column({{50, 50, 20, 20, 0.5F, 0, 41, 42, 0.9F, 43, 44, 0.9F},
                                                       {50, 50, 20, 20, 0.9F, 0, 51, 52, 0.8F, 53, 54, 0.7F}}));
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_THAT(found[0].keypoints, SizeIs(2));
  expect_keypoint(found[0].keypoints[1], 53, 54, 0.7F, 1);
}

TEST(YoloPose, HonoursTheRequestsKeypointConfidence) {
  DecodeOptions options;
  options.keypoint_confidence = 0.75F;
  const auto columns =
      poses(poser("yolov8"), by_column({{50, 50, 20, 20, 0.9F, 0, 51, 52, 0.75F, 53, 54, 0.7F}}), options);
  EXPECT_THAT(columns.at(0).keypoints, SizeIs(1));
  options.keypoint_confidence = 0;
  const auto rows = poses(poser("yolo26"), by_row({{10, 10, 30, 30, 0.9F, 0, 11, 12, 0.01F, 13, 14, 0}}), options);
  EXPECT_THAT(rows.at(0).keypoints, SizeIs(1));
}

TEST(YoloPose, FiltersByClass) {
  DecodeOptions options;
  options.class_filter = {"cat"};
  const auto found = poses(poser("yolo26"),
                           by_row({{10, 10, 30, 30, 0.9F, 1, 11, 12, 0.9F, 13, 14, 0.9F},
                                   {10, 10, 30, 30, 0.8F, 0, 11, 12, 0.9F, 13, 14, 0.9F}}),
                           options);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].detection.class_id, 0);
}

TEST(YoloPose, LeavesOutKeypointsWithoutPlace) {
  const float nan = std::nanf("");
  const auto found = poses(poser("yolov8"), by_column({{50, 50, 20, 20, 0.9F, 0, nan, 52, 0.8F, 53, 54, nan}}));
  EXPECT_THAT(found.at(0).keypoints, SizeIs(0));
}

TEST(YoloPose, ChecksTheNumberOfKeypoints) {
  const Status refused = made(poser("yolov8"))->check_outputs(specs({{-1, 56, 8400}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::data_corrupted);
  EXPECT_THAT(refused.error().message, HasSubstr("[?,12,?]"));
  EXPECT_THAT(refused.error().message, HasSubstr("3 * 2 keypoints"));
  EXPECT_TRUE(made(poser("yolov8"))->check_outputs(specs({{-1, 12, 8400}})));
  EXPECT_FALSE(made(poser("yolo26"))->check_outputs(specs({{-1, 300, 6}})));
}

TEST(YoloPose, NeedsNamedKeypoints) {
  for (const char* name : {"yolov8", "yolo26", "rfdetr"}) {
    const auto family = make_family(config_for(Task::keypoint_detection, name, {"cat"}));
    ASSERT_FALSE(family) << name;
    EXPECT_EQ(family.error().code, Code::data_corrupted);
  }
}

}  // namespace
}  // namespace osprey::vision
