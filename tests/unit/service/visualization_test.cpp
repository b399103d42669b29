#include "service/visualization.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "image/decode.hpp"

namespace osprey::service {
namespace {

image::Image grey(image::Size size) {
  image::Image made(size);
  std::fill_n(made.data(), image::Image::byte_count(size), std::uint8_t{128});
  return made;
}

package::Package fruits() {
  package::Package made;
  made.family.class_names = {"apple", "pear"};
  made.colors = {{"apple", "#FF0000"}};
  return made;
}

image::Image drawn(const vision::Prediction& prediction, const VisualizationOptions& options = {false, 4}) {
  const auto picture = visualize(grey({100, 80}), prediction, fruits(), options);
  EXPECT_TRUE(picture) << picture.error().message;
  auto decoded = image::decode(*picture, {});
  EXPECT_TRUE(decoded);
  return std::move(decoded).value();
}

/// Whether a pixel is clearly red (JPEG blurs it).
bool is_red(const image::Image& image, int x, int y) {
  const auto* pixel = image.view().row(y) + x * 3;
  return pixel[2] > pixel[0] + 60 && pixel[2] > pixel[1] + 60;
}

bool is_grey(const image::Image& image, int x, int y) {
  const auto* pixel = image.view().row(y) + x * 3;
  return std::abs(pixel[0] - 128) < 24 && std::abs(pixel[1] - 128) < 24 && std::abs(pixel[2] - 128) < 24;
}

TEST(Visualization, DrawsBoxesInThePackagesColour) {
  const auto image = drawn(vision::ObjectDetections{{{{20, 20, 80, 60}, 0.9F, 0}}});
  EXPECT_EQ(image.size(), (image::Size{100, 80}));
  EXPECT_TRUE(is_red(image, 20, 40));
  EXPECT_TRUE(is_red(image, 50, 60));
  EXPECT_TRUE(is_grey(image, 50, 40)) << "the inside stays as it is";
}

TEST(Visualization, TintsMasks) {
  vision::InstanceSegments found;
  found.canvas = {100, 80};
  found.instances.push_back({{{20, 20, 60, 60}, 0.9F, 0}, {20, 20, {40, 40}, std::vector<std::uint8_t>(1600, 1)}});
  EXPECT_TRUE(is_red(drawn(found), 40, 40));
}

TEST(Visualization, EnlargesMasksOfASmallerGrid) {
  vision::InstanceSegments found;
  found.canvas = {50, 40};
  found.reduced = true;
  found.instances.push_back({{{10, 10, 30, 30}, 0.9F, 0}, {10, 10, {20, 20}, std::vector<std::uint8_t>(400, 1)}});
  const auto image = drawn(found);
  EXPECT_TRUE(is_red(image, 40, 40));
  EXPECT_TRUE(is_grey(image, 80, 70));
}

TEST(Visualization, LabelsWhenAsked) {
  const vision::ObjectDetections found{{{{20, 40, 80, 70}, 0.9F, 0}}};
  EXPECT_TRUE(is_grey(drawn(found), 24, 34));
  EXPECT_FALSE(is_grey(drawn(found, {true, 1}), 24, 34));
}

TEST(Visualization, LeavesAnImageWithoutAClassUnmarked) {
  const auto image = drawn(vision::Classification{});
  EXPECT_TRUE(is_grey(image, 1, 1));
  EXPECT_FALSE(is_grey(drawn(vision::Classification{{{0, 0.9}}}), 1, 1));
}

TEST(Visualization, MarksKeypointsAndManyLabels) {
  EXPECT_FALSE(is_grey(drawn(vision::Poses{{{{{20, 20, 80, 60}, 0.9F, 0}, {{50, 40, 0.9F, 0}}}}}), 50, 40));
  EXPECT_FALSE(is_grey(drawn(vision::MultiLabelClassification{{0.9F, 0.8F}, {0, 1}}), 3, 5));
}

TEST(Visualization, SurvivesBoxesBeyondTheImage) {
  const vision::ObjectDetections found{{{{-500, -500, 9000, 9000}, 0.9F, 7}}};
  EXPECT_EQ(drawn(found, {true, 2000}).size(), (image::Size{100, 80}));
}

}  // namespace
}  // namespace osprey::service
