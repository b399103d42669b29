#include "vision/families/yolox.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 64x32: 8x4 cells of stride 8, 4x2 of stride 16, 2x1 of stride 32.
FamilyConfig small_network() {
  FamilyConfig config = detector("yolox-nano");
  config.network = {64, 32};
  return config;
}

Rows silent() {
  return Rows(32 + 8 + 2, std::vector<float>{0, 0, 0, 0, 0, 0, 0});
}

TEST(Yolox, DecodesTheGridOfEveryStride) {
  Rows rows = silent();
  rows[8 * 2 + 3] = {0.5F, 0.25F, 0, std::log(2.0F), 0.9F, 0.8F, 0.1F};     // stride 8, cell (3, 2)
  rows[32 + 4 + 2] = {0, 0, std::log(0.5F), 0, 1, 0.1F, 0.6F};              // stride 16, cell (2, 1)
  rows[32 + 8 + 1] = {-0.25F, 0.5F, 0, std::log(0.25F), 0.5F, 1.0F, 0.1F};  // stride 32, cell (1, 0)
  const auto found = detections(*made(small_network()), {by_row(rows)}, {}, same_size(64, 32));
  EXPECT_THAT(confidences(found), ElementsAre(testing::FloatEq(0.72F), 0.6F, 0.5F));
  // Centre ((0.5 + 3) * 8, (0.25 + 2) * 8) = (28, 18), size 8 x 16.
  EXPECT_EQ(found[0].box, (Box{24, 10, 32, 26}));
  EXPECT_EQ(found[0].class_id, 0);
  // Centre (32, 16), size 8 x 16.
  EXPECT_EQ(found[1].box, (Box{28, 8, 36, 24}));
  EXPECT_EQ(found[1].class_id, 1);
  // Centre (24, 16), size 32 x 8.
  EXPECT_EQ(found[2].box, (Box{8, 12, 40, 20}));
}

TEST(Yolox, HoldsTheProductAgainstTheThreshold) {
  Rows rows = silent();
  rows[0] = {0, 0, 0, 0, 0.5F, 0.5F, 0};
  const auto family = made(small_network());
  EXPECT_TRUE(detections(*family, {by_row(rows)}, with_confidence(0.25F)).empty());
  EXPECT_EQ(detections(*family, {by_row(rows)}, with_confidence(std::nextafter(0.25F, 0.0F))).size(), 1U);
}

TEST(Yolox, DropsSizesThatOverflow) {
  Rows rows = silent();
  rows[0] = {0, 0, 1000, 0, 1, 1, 0};
  EXPECT_TRUE(detections(*made(small_network()), {by_row(rows)}).empty());
}

TEST(Yolox, ChecksTheNumberOfCells) {
  const auto family = made(small_network());
  EXPECT_TRUE(family->check_outputs(specs({{-1, 42, 7}})));
  const Status refused = family->check_outputs(specs({{1, 3549, 7}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("[?,42,7]"));
  EXPECT_THAT(refused.error().message, HasSubstr("64x32"));
  EXPECT_FALSE(family->check_outputs(specs({{1, 42, 85}})));
}

TEST(Yolox, NeedsTheNetworksSize) {
  FamilyConfig config = detector("yolox");
  config.network = {};
  const auto family = make_family(config);
  ASSERT_FALSE(family);
  EXPECT_EQ(family.error().code, Code::data_corrupted);
}

}  // namespace
}  // namespace osprey::vision
