// YOLOv10, YOLO26 and packages with fused NMS: alike but for strictness, defaults and max_detections.
#include "vision/families/end_to_end_detection.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FamilyConfig fused(std::string architecture = "yolov8") {
  FamilyConfig config = detector(std::move(architecture));
  config.fused = true;
  return config;
}

// Overlapping, unordered: what a network with NMS inside gives is not to be touched.
const Output& overlapping() {
  static const Output output =
      by_row({{10, 10, 30, 30, 0.5F, 0}, {10, 10, 30, 30, 0.9F, 0}, {10, 10, 30, 30, 0.2F, 1}, {0, 0, 0, 0, 0, 0}});
  return output;
}

TEST(EndToEnd, KeepsTheModelsOrderAndOverlaps) {
  for (const FamilyConfig& config : {fused(), detector("yolov10"), detector("yolo26")}) {
    const auto found = detections(*made(config), {overlapping()});
    EXPECT_THAT(confidences(found), ElementsAre(0.5F, 0.9F)) << config.architecture;
    EXPECT_EQ(found.at(0).box, (Box{10, 10, 30, 30}));
  }
}

TEST(EndToEnd, DiffersInStrictness) {
  const std::vector<Output> outputs{by_row({{10, 10, 30, 30, 0.5F, 1}})};
  EXPECT_EQ(detections(*made(fused()), outputs, with_confidence(0.5F)).size(), 1U);
  EXPECT_EQ(detections(*made(detector("yolo26")), outputs, with_confidence(0.5F)).size(), 1U);
  EXPECT_EQ(detections(*made(detector("yolov10")), outputs, with_confidence(0.5F)).size(), 0U);
  for (const FamilyConfig& config : {fused(), detector("yolov10"), detector("yolo26")}) {
    EXPECT_EQ(detections(*made(config), outputs, with_confidence(std::nextafter(0.5F, 0.0F))).size(), 1U);
    EXPECT_EQ(detections(*made(config), outputs, with_confidence(std::nextafter(0.5F, 1.0F))).size(), 0U);
  }
}

TEST(EndToEnd, DiffersInDefaultConfidence) {
  const std::vector<Output> outputs{by_row({{10, 10, 30, 30, 0.3F, 1}})};
  EXPECT_THAT(detections(*made(fused()), outputs, with_default_confidence()), IsEmpty());
  EXPECT_THAT(detections(*made(detector("yolov10")), outputs, with_default_confidence()), IsEmpty());
  EXPECT_EQ(detections(*made(detector("yolo26")), outputs, with_default_confidence()).size(), 1U);
}

TEST(EndToEnd, OnlyYolov10HonoursMaxDetections) {
  DecodeOptions options = with_confidence(0.1F);
  options.max_detections = 2;
  EXPECT_EQ(detections(*made(fused()), {overlapping()}, options).size(), 3U);
  EXPECT_EQ(detections(*made(detector("yolo26")), {overlapping()}, options).size(), 3U);
  EXPECT_THAT(confidences(detections(*made(detector("yolov10")), {overlapping()}, options)), ElementsAre(0.5F, 0.9F));
}

TEST(EndToEnd, DropsPaddingRowsByTheirScore) {
  EXPECT_EQ(detections(*made(fused()), {overlapping()}, with_confidence(0.01F)).size(), 3U);
  // At threshold 0 they pass, as in the reference; those of a family that compares strictly do not.
  EXPECT_EQ(detections(*made(fused()), {overlapping()}, with_confidence(0)).size(), 4U);
  EXPECT_EQ(detections(*made(detector("yolov10")), {overlapping()}, with_confidence(0)).size(), 3U);
}

TEST(EndToEnd, DropsRowsWithoutClassOrPlace) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Output> outputs{by_row({{1, 1, 2, 2, 0.9F, -1},
                                            {1, 1, 2, 2, 0.9F, 2},
                                            {1, 1, 2, 2, 0.9F, kNan},
                                            {1, 1, 2, 2, 0.9F, 1e20F},
                                            {1, 1, 2, 2, kNan, 1},
                                            {kNan, 1, 2, 2, 0.9F, 1},
                                            {1, 1, 2, 2, 0.9F, 1}})};
  for (const FamilyConfig& config : {fused(), detector("yolov10"), detector("yolo26")}) {
    EXPECT_EQ(detections(*made(config), outputs, with_confidence(0)).size(), 1U) << config.architecture;
  }
}

TEST(EndToEnd, FiltersByClass) {
  DecodeOptions options = with_confidence(0.1F);
  options.class_filter = {"dog"};
  EXPECT_THAT(confidences(detections(*made(fused()), {overlapping()}, options)), ElementsAre(0.2F));
}

TEST(EndToEnd, ReadsYolov10AndYolo26InTheYolov8LayoutWithNms) {
  const std::vector<Output> outputs{
      by_column({{20, 20, 20, 20, 0.5F, 0}, {20, 20, 20, 20, 0.9F, 0}, {90, 90, 20, 20, 0, 0.6F}, {5, 5, 2, 2, 0, 0}})};
  for (const FamilyConfig& config : {detector("yolov10"), detector("yolo26")}) {
    const auto family = made(config);
    EXPECT_TRUE(family->check_outputs(specs({{-1, 6, 8400}})));
    EXPECT_TRUE(family->check_outputs(specs({{-1, 300, 6}})));
    EXPECT_TRUE(family->check_outputs(specs({{-1, -1, -1}})));
    EXPECT_THAT(confidences(detections(*family, outputs)), ElementsAre(0.9F, 0.6F)) << config.architecture;
  }
}

TEST(EndToEnd, RefusesOtherShapesNamingBothLayouts) {
  const Status refused = made(detector("yolo26"))->check_outputs(specs({{-1, 84, 8400}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::data_corrupted);
  EXPECT_THAT(refused.error().message, HasSubstr("[?,84,8400]"));
  EXPECT_THAT(refused.error().message, HasSubstr("[?,?,6]"));
  EXPECT_THAT(refused.error().message, HasSubstr("[?,6,?]"));
  EXPECT_FALSE(made(fused())->check_outputs(specs({{-1, 6, 8400}})));
  EXPECT_FALSE(made(detector("yolo26"))->check_outputs(specs({{-1, 300, 38}, {-1, 32, 80, 80}})));
}

TEST(EndToEnd, IsReadForEveryArchitectureThatSaysSo) {
  for (const char* name : {"yolov5", "yolov8", "yolonas", "yololite", "yolox"}) {
    const auto family = made(fused(name));
    EXPECT_TRUE(family->check_outputs(specs({{-1, 300, 6}}))) << name;
    EXPECT_EQ(detections(*family, {overlapping()}).size(), 2U) << name;
  }
}

}  // namespace
}  // namespace osprey::vision
