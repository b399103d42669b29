#include "vision/families/yolact.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensors.hpp"

namespace osprey::vision {
namespace {

FamilyConfig config() {
  FamilyConfig result;
  result.task = Task::instance_segmentation;
  result.architecture = "yolact";
  result.class_names = {"cat", "dog"};
  result.network = {64, 32};
  return result;
}

Geometry geometry() {
  Geometry result;
  result.image = result.crop = result.network = {64, 32};
  return result;
}

/// Two anchors in the middle, a quarter of the image; prototypes of one channel, 5 everywhere.
std::vector<Tensor> outputs() {
  std::vector<Tensor> tensors{Tensor({1, 2, 4}), Tensor({1, 2, 3}), Tensor({1, 2, 1}), Tensor({2, 4}),
                              Tensor({1, 8, 16, 1})};
  tensors[0].values = {0,
                       0,
                       0,
                       0,  // the prior itself
                       2.5F,
                       -5,
                       5 * std::log(0.5F),
                       5 * std::log(2.0F)};                    // a quarter right, half up, half and double
  tensors[1].values = {0.05F, 0.05F, 0.9F, 0.3F, 0.6F, 0.1F};  // background, cat, dog
  tensors[2].values = {1, -1};
  tensors[3].values = {0.5F, 0.5F, 0.25F, 0.25F, 0.5F, 0.5F, 0.25F, 0.25F};
  for (float& value : tensors[4].values) value = 5;
  return tensors;
}

InstanceSegments decode(const std::vector<Tensor>& tensors, float confidence = 0.4F) {
  const auto family = make_yolact(config());
  DecodeOptions options;
  options.confidence.value = confidence;
  const auto prediction = (*family)->decode(views(tensors), 0, geometry(), options);
  EXPECT_TRUE(prediction) << prediction.error().message;
  return prediction ? std::get<InstanceSegments>(*prediction) : InstanceSegments{};
}

TEST(Yolact, DecodesBoxesFromPriorsAndDropsTheBackgroundColumn) {
  const InstanceSegments segments = decode(outputs());
  ASSERT_EQ(segments.instances.size(), 2U);
  // The prior: 0.375..0.625 of 64 and of 32.
  EXPECT_EQ(segments.instances[0].detection.class_id, 1);
  EXPECT_EQ(segments.instances[0].detection.confidence, 0.9F);
  EXPECT_EQ(segments.instances[0].detection.box, (Box{24, 12, 40, 20}));
  // Centre 0.5 + 2.5 * 0.1 * 0.25 = 0.5625 and 0.375; size 0.125 and 0.5.
  EXPECT_EQ(segments.instances[1].detection.class_id, 0);
  EXPECT_EQ(segments.instances[1].detection.box, (Box{32, 4, 40, 20}));
}

TEST(Yolact, DrawsMasksFromPrototypesWithChannelsLast) {
  const InstanceSegments segments = decode(outputs());
  const MaskRegion& positive = segments.instances[0].mask;  // coefficient 1: sigmoid(5) inside the box
  EXPECT_GT(std::count(positive.pixels.begin(), positive.pixels.end(), 1), 100);
  const MaskRegion& negative = segments.instances[1].mask;  // coefficient -1: sigmoid(-5)
  EXPECT_EQ(std::count(negative.pixels.begin(), negative.pixels.end(), 1), 0);
}

TEST(Yolact, PassesNoNan) {
  std::vector<Tensor> tensors = outputs();
  tensors[1].values.assign(6, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(decode(tensors, 0).instances.empty());
  tensors = outputs();
  tensors[0].values[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(decode(tensors).instances.size(), 1U);
}

TEST(Yolact, TakesOneImageAtATime) {
  const auto family = make_yolact(config());
  EXPECT_TRUE((*family)->single_image_only());
  EXPECT_TRUE((*family)->check_outputs(specs({{1, 9, 4}, {1, 9, 3}, {1, 9, 32}, {9, 4}, {1, 8, 16, 32}})));
}

TEST(Yolact, RefusesOutputsThatDoNotBelongTogether) {
  const auto family = make_yolact(config());
  for (const auto& shapes : {specs({{1, 9, 4}, {1, 9, 4}, {1, 9, 32}, {9, 4}, {1, 8, 16, 32}}),   // three classes
                             specs({{1, 9, 4}, {1, 9, 3}, {1, 9, 32}, {8, 4}, {1, 8, 16, 32}}),   // a prior is missing
                             specs({{1, 9, 4}, {1, 9, 3}, {1, 9, 32}, {9, 4}, {1, 32, 16, 16}}),  // channels first
                             specs({{1, 9, 4}, {1, 9, 3}, {1, 9, 32}, {9, 4}})}) {
    const Status status = (*family)->check_outputs(shapes);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::data_corrupted);
  }
  std::vector<Tensor> tensors = outputs();
  tensors[3] = Tensor({1, 4});
  const auto prediction = (*family)->decode(views(tensors), 0, geometry(), {});
  ASSERT_FALSE(prediction);
  EXPECT_EQ(prediction.error().code, Code::internal);
}

}  // namespace
}  // namespace osprey::vision
