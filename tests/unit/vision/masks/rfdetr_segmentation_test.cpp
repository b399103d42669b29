#include "vision/families/rfdetr_segmentation.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensors.hpp"

namespace osprey::vision {
namespace {

/// A network of 32x32 with masks of 8x8 for three queries; logits have a column more than class names.
FamilyConfig config() {
  FamilyConfig result;
  result.task = Task::instance_segmentation;
  result.architecture = "rfdetr-seg-nano";
  result.class_names = {"cat", "dog"};
  result.network = {32, 32};
  return result;
}

Geometry geometry() {
  Geometry result;
  result.image = result.crop = result.network = {32, 32};
  return result;
}

std::vector<Tensor> outputs() {
  std::vector<Tensor> tensors{Tensor({1, 3, 4}), Tensor({1, 3, 3}), Tensor({1, 3, 8, 8})};
  tensors[0].values = {0.5F, 0.5F, 0.25F, 0.5F, 0.25F, 0.25F, 0.5F, 0.5F, 0.75F, 0.75F, 0.5F, 0.5F};
  tensors[1].values = {1, -9, -9, -9, 3, -9, -9, 2, -9};
  std::fill(tensors[2].values.begin(), tensors[2].values.end(), -4.0F);
  tensors[2].at({0, 0, 0, 0}) = 4;  // far from the query's box
  tensors[2].at({0, 1, 7, 7}) = 4;
  return tensors;
}

InstanceSegments decode(const FamilyConfig& family_config, const Geometry& image, const DecodeOptions& options) {
  const auto family = make_rfdetr_segmentation(family_config);
  const auto tensors = outputs();
  const auto prediction = (*family)->decode(views(tensors), 0, image, options);
  EXPECT_TRUE(prediction) << prediction.error().message;
  return prediction ? std::get<InstanceSegments>(*prediction) : InstanceSegments{};
}

TEST(RfdetrSegmentation, SortsByScoreAndGivesEachQueryItsMaskUncropped) {
  const InstanceSegments segments = decode(config(), geometry(), {});
  ASSERT_EQ(segments.instances.size(), 3U);
  EXPECT_EQ(segments.instances[0].detection.class_id, 1);
  EXPECT_EQ(segments.instances[0].detection.box, (Box{0, 0, 16, 16}));
  EXPECT_EQ(segments.instances[2].detection.class_id, 0);
  EXPECT_EQ(segments.instances[2].detection.box, (Box{12, 8, 20, 24}));
  // A single cell of 4 amid -4, four times enlarged: positive to half the way to its neighbours.
  const MaskRegion& corner = segments.instances[2].mask;
  ASSERT_FALSE(corner.pixels.empty());
  EXPECT_EQ(corner.pixels[0], 1);
  EXPECT_EQ(corner.x, 0);
  EXPECT_EQ(corner.y, 0);
  EXPECT_GT(segments.instances[0].mask.x, 20);
  EXPECT_TRUE(segments.instances[1].mask.pixels.empty());  // nothing above 0
}

TEST(RfdetrSegmentation, HonoursTheThresholdMaxDetectionsAndTheClassFilter) {
  DecodeOptions options;
  options.confidence.value = 0.8F;  // sigmoids are 0.73, 0.95 and 0.88
  EXPECT_EQ(decode(config(), geometry(), options).instances.size(), 2U);
  options.max_detections = 1;
  EXPECT_EQ(decode(config(), geometry(), options).instances.size(), 1U);
  options = {};
  options.class_filter = {"cat"};
  EXPECT_EQ(decode(config(), geometry(), options).instances.size(), 1U);
}

TEST(RfdetrSegmentation, CountsClassesWithoutTheRemovedOnes) {
  FamilyConfig family_config = config();
  family_config.class_names = {"background", "cat", "dog"};
  family_config.removed_classes = {"background"};
  // Column 0 was the background's, column 1 is the cat's: queries 1 and 2.
  const InstanceSegments segments = decode(family_config, geometry(), {});
  ASSERT_EQ(segments.instances.size(), 2U);
  EXPECT_EQ(segments.instances[0].detection.class_id, 0);
  EXPECT_EQ(segments.instances[1].detection.class_id, 0);
}

TEST(RfdetrSegmentation, TakesTheIntermediateSizeOfATwoStepResizeForBoxesAndPadding) {
  // 64x32 letterboxed into 64x64 (16 rows above and below), then stretched to the network's 32x32.
  Geometry image;
  image.image = image.crop = {64, 32};
  image.network = {64, 64};
  image.pad_top = image.pad_bottom = 16;
  const InstanceSegments segments = decode(config(), image, {});
  // 0.5 +- 0.125 of 64 across; 0.5 +- 0.25 of 64 down, less 16.
  EXPECT_EQ(segments.instances[2].detection.box, (Box{24, 0, 40, 32}));
  // Rows 2..5 of the mask remain: the cells that are set lie in the padding.
  for (const Instance& instance : segments.instances) EXPECT_TRUE(instance.mask.pixels.empty());
}

TEST(RfdetrSegmentation, RefusesOutputsThatDoNotFit) {
  const auto family = make_rfdetr_segmentation(config());
  EXPECT_TRUE((*family)->check_outputs(specs({{-1, 3, 4}, {-1, 3, 91}, {-1, 3, 8, 8}})));
  for (const auto& shapes : {specs({{-1, 3, 4}, {-1, 3, 91}}), specs({{-1, 3, 4}, {-1, 3, 1}, {-1, 3, 8, 8}}),
                             specs({{-1, 3, 8, 8}, {-1, 3, 4}, {-1, 3, 91}})}) {
    const Status status = (*family)->check_outputs(shapes);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::data_corrupted);
  }
  const std::vector<Tensor> short_masks{Tensor({1, 3, 4}), Tensor({1, 3, 3}), Tensor({1, 2, 8, 8})};
  const auto prediction = (*family)->decode(views(short_masks), 0, geometry(), {});
  ASSERT_FALSE(prediction);
  EXPECT_EQ(prediction.error().code, Code::internal);
}

TEST(RfdetrSegmentation, PassesNoNan) {
  std::vector<Tensor> tensors = outputs();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  tensors[1].values.assign(9, nan);
  const auto family = make_rfdetr_segmentation(config());
  DecodeOptions options;
  options.confidence.value = 0;
  auto prediction = (*family)->decode(views(tensors), 0, geometry(), options);
  ASSERT_TRUE(prediction);
  EXPECT_TRUE(std::get<InstanceSegments>(*prediction).instances.empty());
  tensors = outputs();
  std::fill(tensors[2].values.begin(), tensors[2].values.end(), nan);
  prediction = (*family)->decode(views(tensors), 0, geometry(), {});
  ASSERT_TRUE(prediction);
  for (const Instance& instance : std::get<InstanceSegments>(*prediction).instances) {
    EXPECT_EQ(std::count(instance.mask.pixels.begin(), instance.mask.pixels.end(), 1), 0);
  }
}

}  // namespace
}  // namespace osprey::vision
