#include "vision/families/yolov8.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Yolov8, SuppressesByClassAndOrdersByConfidence) {
  const auto family = made(detector("yolov8n"));
  const auto found = detections(*family, {by_column({{50, 50, 20, 20, 0.6F, 0.1F},
                                                     {51, 50, 20, 20, 0.9F, 0.1F},
                                                     {50, 50, 20, 20, 0.1F, 0.7F},
                                                     {90, 90, 10, 10, 0.5F, 0.2F}})});
  EXPECT_THAT(confidences(found), ElementsAre(0.9F, 0.7F, 0.5F));
  EXPECT_EQ(found[0].box, (Box{41, 40, 61, 60}));
  EXPECT_EQ(found[0].class_id, 0);
  EXPECT_EQ(found[1].class_id, 1);
}

TEST(Yolov8, HonoursNmsParametersAndFiltersClassesLast) {
  const auto family = made(detector("yolov8"));
  const std::vector<Output> outputs{
      by_column({{50, 50, 20, 20, 0.9F, 0}, {50, 50, 20, 20, 0, 0.8F}, {90, 90, 10, 10, 0, 0.5F}})};
  DecodeOptions options;
  options.class_agnostic_nms = true;
  EXPECT_THAT(confidences(detections(*family, outputs, options)), ElementsAre(0.9F, 0.5F));
  // The limit counts before the filter: of the two kept, one is a dog.
  options.class_agnostic_nms = false;
  options.max_detections = 2;
  options.class_filter = {"dog"};
  EXPECT_THAT(confidences(detections(*family, outputs, options)), ElementsAre(0.8F));
  options.class_filter = {"horse"};
  EXPECT_THAT(detections(*family, outputs, options), IsEmpty());
}

TEST(Yolov8, HonoursMaxCandidates) {
  const auto family = made(detector("yolov8"));
  DecodeOptions options;
  options.max_candidates = 1;
  EXPECT_THAT(
      confidences(detections(*family, {by_column({{50, 50, 20, 20, 0.6F, 0}, {200, 50, 20, 20, 0.9F, 0}})}, options)),
      ElementsAre(0.9F));
}

TEST(Yolov8, PassesOnlyAboveTheThreshold) {
  const auto family = made(detector("yolov8"));
  const std::vector<Output> outputs{
      by_column({{50, 50, 20, 20, 0.4F, 0}, {200, 50, 20, 20, std::nextafter(0.4F, 1.0F), 0}})};
  EXPECT_EQ(detections(*family, outputs, with_confidence(0.4F)).size(), 1U);
  EXPECT_EQ(detections(*family, outputs, with_default_confidence()).size(), 1U);
}

TEST(Yolov8, PutsBoxesBackIntoTheImage) {
  const auto family = made(detector("yolov8"));
  Geometry geometry = same_size(64, 64);
  geometry.image = geometry.crop = {100, 50};
  geometry.scale_w = geometry.scale_h = 0.5F;
  geometry.pad_top = 16;
  // (10..30, 20..30) without padding and scale: (20..60, 8..28).
  const auto found = detections(*family, {by_column({{20, 25, 20, 10, 0.9F, 0}})}, {}, geometry);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].box, (Box{20, 8, 60, 28}));
}

TEST(Yolov8, ChecksTheNumberOfClasses) {
  const auto family = made(detector("yolo12x"));
  EXPECT_TRUE(family->check_outputs(specs({{-1, 6, 8400}})));
  EXPECT_TRUE(family->check_outputs(specs({{-1, -1, -1}})));
  const Status refused = family->check_outputs(specs({{1, 84, 8400}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::data_corrupted);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("yolov12"), HasSubstr("[?,6,?]"), HasSubstr("2 classes"), HasSubstr("[1,84,8400]")));
  EXPECT_FALSE(family->check_outputs(specs({{1, 6, 8400}, {1, 32, 80, 80}})));
  EXPECT_FALSE(family->check_outputs({}));
}

TEST(Yolov8, RefusesAnOutputThatIsNotAsPromised) {
  const auto family = made(detector("yolov8"));
  const std::vector<Output> outputs{by_column({{50, 50, 20, 20, 0.6F}})};
  const auto result = family->decode(views(outputs), 0, same_size(), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::internal);
}

}  // namespace
}  // namespace osprey::vision
