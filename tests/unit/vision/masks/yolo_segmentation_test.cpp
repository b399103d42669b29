#include "vision/families/yolo_segmentation.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensors.hpp"

namespace osprey::vision {
namespace {

using testing::HasSubstr;

constexpr int kPrototypes = 2;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A network of 64x64 with a mask output of 16x16, two prototypes and the classes "cat" and "dog".
FamilyConfig config(const std::string& architecture, bool fused = false) {
  FamilyConfig result;
  result.task = Task::instance_segmentation;
  result.architecture = architecture;
  result.class_names = {"cat", "dog"};
  result.fused = fused;
  result.network = {64, 64};
  return result;
}

/// The image is twice the network's input.
Geometry geometry() {
  Geometry result;
  result.image = result.crop = {128, 128};
  result.network = {64, 64};
  result.scale_w = result.scale_h = 0.5F;
  return result;
}

DecodeOptions at(float confidence) {
  DecodeOptions options;
  options.confidence.value = confidence;
  return options;
}

/// Prototype 0 is 10 everywhere, prototype 1 is 10 in the left half and -10 in the right half.
Tensor prototypes() {
  Tensor tensor({1, kPrototypes, 16, 16});
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      tensor.at({0, 0, y, x}) = 10;
      tensor.at({0, 1, y, x}) = x < 8 ? 10 : -10;
    }
  }
  return tensor;
}

/// One image's rows as [1, rows, width].
Tensor rows(const std::vector<std::vector<float>>& content) {
  Tensor tensor({1, static_cast<std::int64_t>(content.size()), static_cast<std::int64_t>(content[0].size())}, {});
  for (const auto& row : content) tensor.values.insert(tensor.values.end(), row.begin(), row.end());
  return tensor;
}

/// The same rows as columns: [1, width, rows].
Tensor columns(const std::vector<std::vector<float>>& content) {
  Tensor tensor({1, static_cast<std::int64_t>(content[0].size()), static_cast<std::int64_t>(content.size())});
  for (std::size_t i = 0; i < content.size(); ++i) {
    for (std::size_t k = 0; k < content[i].size(); ++k) {
      tensor.at({0, static_cast<std::int64_t>(k), static_cast<std::int64_t>(i)}) = content[i][k];
    }
  }
  return tensor;
}

InstanceSegments decode(const FamilyConfig& family_config, const std::vector<Tensor>& outputs,
                        const DecodeOptions& options) {
  const auto family = make_yolo_segmentation(family_config);
  EXPECT_TRUE(family);
  const auto prediction = (*family)->decode(views(outputs), 0, geometry(), options);
  EXPECT_TRUE(prediction) << prediction.error().message;
  return prediction ? std::get<InstanceSegments>(*prediction) : InstanceSegments{};
}

std::vector<int> classes(const InstanceSegments& segments) {
  std::vector<int> result;
  for (const Instance& instance : segments.instances) result.push_back(instance.detection.class_id);
  return result;
}

/// Left and right edge of the set pixels of a mask.
std::pair<int, int> extent(const MaskRegion& mask) {
  std::pair<int, int> edges{std::numeric_limits<int>::max(), std::numeric_limits<int>::min()};
  for (int y = 0; y < mask.size.height; ++y) {
    for (int x = 0; x < mask.size.width; ++x) {
      if (mask.pixels[static_cast<std::size_t>(y * mask.size.width + x)] == 0) continue;
      edges = {std::min(edges.first, mask.x + x), std::max(edges.second, mask.x + x)};
    }
  }
  return edges;
}

TEST(YoloSegmentation, ReadsBoxesMasksAndClassesOfTheYolov8Layout) {
  // cx, cy, w, h, cat, dog, coefficients: a cat at 16..48, whose mask is the left half of the box; a weak dog.
  const std::vector<Tensor> outputs{columns({{32, 32, 32, 32, 0.9F, 0.1F, 0, 1}, {10, 10, 8, 8, 0.1F, 0.3F, 1, 0}}),
                                    prototypes()};
  const InstanceSegments segments = decode(config("yolov8n-seg"), outputs, at(0.4F));
  ASSERT_EQ(segments.instances.size(), 1U);
  const Instance& cat = segments.instances[0];
  EXPECT_EQ(cat.detection.class_id, 0);
  EXPECT_EQ(cat.detection.confidence, 0.9F);
  EXPECT_EQ(cat.detection.box, (Box{32, 32, 96, 96}));
  EXPECT_EQ(segments.canvas, (Size{128, 128}));
  EXPECT_FALSE(segments.reduced);
  // Cells 4..7, eight pixels each; the sigmoid falls below 0.5 half a cell's width past the edges.
  EXPECT_EQ(extent(cat.mask), (std::pair{32, 63}));
}

TEST(YoloSegmentation, FindsThePrototypesByRankInEitherOrder) {
  const std::vector<Tensor> outputs{prototypes(), columns({{32, 32, 32, 32, 0.9F, 0.1F, 1, 0}})};
  EXPECT_EQ(classes(decode(config("yolov11"), outputs, at(0.4F))), (std::vector<int>{0}));
}

TEST(YoloSegmentation, SuppressesOverlapsOfAClassOnly) {
  const std::vector<Tensor> outputs{
      columns({{32, 32, 32, 32, 0.8F, 0, 1, 0}, {32, 33, 32, 32, 0.9F, 0, 1, 0}, {32, 32, 32, 32, 0, 0.7F, 1, 0}}),
      prototypes()};
  const InstanceSegments segments = decode(config("yolov8"), outputs, at(0.4F));
  EXPECT_EQ(classes(segments), (std::vector<int>{0, 1}));
  EXPECT_EQ(segments.instances[0].detection.confidence, 0.9F);
}

TEST(YoloSegmentation, HonoursTheClassFilter) {
  const std::vector<Tensor> outputs{columns({{16, 16, 16, 16, 0.8F, 0, 1, 0}, {48, 48, 16, 16, 0, 0.7F, 1, 0}}),
                                    prototypes()};
  DecodeOptions options = at(0.4F);
  options.class_filter = {"dog"};
  EXPECT_EQ(classes(decode(config("yolov8"), outputs, options)), (std::vector<int>{1}));
}

TEST(YoloSegmentation, KeepsModelOrderAndScoresAtTheThresholdWhenNmsIsFused) {
  // x1, y1, x2, y2, score, class, coefficients: all the same box.
  const std::vector<Tensor> outputs{rows({{16, 16, 48, 48, 0.4F, 1, 1, 0},
                                          {16, 16, 48, 48, 0.9F, 0, 1, 0},
                                          {16, 16, 48, 48, 0.39F, 0, 1, 0},
                                          {16, 16, 48, 48, kNan, 0, 1, 0}}),
                                    prototypes()};
  const InstanceSegments segments = decode(config("yolov8", true), outputs, at(0.4F));
  EXPECT_EQ(classes(segments), (std::vector<int>{1, 0}));
  EXPECT_EQ(segments.instances[0].detection.box, (Box{32, 32, 96, 96}));
}

TEST(YoloSegmentation, ReadsYolov5ByObjectnessWithTheClassItself) {
  // cx, cy, w, h, objectness, cat, dog, coefficients
  const std::vector<Tensor> outputs{rows({{16, 16, 16, 16, 0.9F, 0.2F, 0.3F, 1, 0},
                                          {48, 48, 16, 16, 0.4F, 0.9F, 0.1F, 1, 0},
                                          {48, 16, 16, 16, 0.5F, 0.6F, 0.1F, 1, 0}}),
                                    prototypes()};
  const InstanceSegments segments = decode(config("yolov5n-seg"), outputs, at(0.4F));
  EXPECT_EQ(classes(segments), (std::vector<int>{0, 1}));  // by class score: 0.6, 0.3
  EXPECT_EQ(segments.instances[1].detection.confidence, 0.3F);
}

TEST(YoloSegmentation, ReadsTheFirstAndLastOfYolov7sFiveOutputsByClassScore) {
  const Tensor detections = rows({{16, 16, 16, 16, 0.9F, 0.2F, 0.3F, 1, 0},  // surely something, unsure what
                                  {48, 48, 16, 16, 0.1F, 0.9F, 0.1F, 1, 0}});
  const Tensor spare = rows({{0, 0, 0, 0, 0, 0, 0, 0, 0}});
  const std::vector<Tensor> outputs{detections, spare, spare, spare, prototypes()};
  EXPECT_EQ(classes(decode(config("yolov7-seg"), outputs, at(0.4F))), (std::vector<int>{0}));
  EXPECT_EQ(classes(decode(config("yolov7-seg"), {detections, prototypes()}, at(0.4F))), (std::vector<int>{0}));
}

TEST(YoloSegmentation, CutsMasksOfYolov5AndYolov7LikeThoseOfYolov8) {
  // The box covers cells 4..11. Raw logits would pass to the last touched pixel, 28..99.
  const std::vector<float> row{32, 32, 32, 32, 0.9F, 0.9F, 0, 1, 0};
  for (const char* architecture : {"yolov5", "yolov7"}) {
    const InstanceSegments found = decode(config(architecture), {rows({row}), prototypes()}, at(0.4F));
    EXPECT_EQ(extent(found.instances[0].mask), (std::pair{32, 95})) << architecture;
  }
  const InstanceSegments yolov8 =
      decode(config("yolov8"), {columns({{32, 32, 32, 32, 0.9F, 0, 1, 0}}), prototypes()}, at(0.4F));
  EXPECT_EQ(extent(yolov8.instances[0].mask), (std::pair{32, 95}));
}

TEST(YoloSegmentation, TellsYolo26sLayoutsApartByShape) {
  const std::vector<float> ranked{16, 16, 48, 48, 0.25F, 1, 1, 0};
  const std::vector<float> column{32, 32, 32, 32, 0.1F, 0.9F, 1, 0};
  DecodeOptions options;
  options.confidence.kind = Confidence::Kind::model_default;  // 0.25, not above but at least
  const InstanceSegments end_to_end = decode(config("yolo26"), {rows({ranked, ranked, ranked}), prototypes()}, options);
  EXPECT_EQ(classes(end_to_end), (std::vector<int>{1, 1, 1}));
  const InstanceSegments yolov8 = decode(config("yolo26"), {columns({column, column, column}), prototypes()}, options);
  EXPECT_EQ(classes(yolov8), (std::vector<int>{1}));
  EXPECT_EQ(yolov8.instances[0].detection.box, end_to_end.instances[0].detection.box);
}

TEST(YoloSegmentation, RefusesAYolo26ShapeOfNeitherLayoutNamingBoth) {
  const auto family = make_yolo_segmentation(config("yolo26"));
  const Status status = (*family)->check_outputs(specs({{1, 300, 77}, {1, 32, 16, 16}}));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::data_corrupted);
  EXPECT_THAT(status.error().message, HasSubstr("[?,?,38]"));
  EXPECT_THAT(status.error().message, HasSubstr("[?,38,?]"));
  EXPECT_TRUE((*family)->check_outputs(specs({{1, 300, 38}, {1, 32, 16, 16}})));
  EXPECT_TRUE((*family)->check_outputs(specs({{1, 38, 84}, {1, 32, 16, 16}})));
}

TEST(YoloSegmentation, TellsWhatItExpectedOfOutputsThatDoNotFit) {
  const auto family = make_yolo_segmentation(config("yolov8"));
  for (const auto& shapes : {specs({{1, 39, 84}, {1, 32, 16, 16}}), specs({{1, 38, 84}}), specs({}),
                             specs({{1, 38, 84}, {1, 38, 84}, {1, 32, 16, 16}})}) {
    const Status status = (*family)->check_outputs(shapes);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::data_corrupted);
    EXPECT_THAT(status.error().message, HasSubstr("[?,38,?]"));
  }
  EXPECT_TRUE((*family)->check_outputs(specs({{-1, 38, -1}, {-1, 32, -1, -1}})));
}

TEST(YoloSegmentation, KeepsFractionsOfBoxesOnAReducedGrid) {
  DecodeOptions options = at(0.4F);
  options.allow_reduced_mask_resolution = true;
  options.mask_decode_mode = MaskDecodeMode::fast;
  const InstanceSegments segments =
      decode(config("yolov8"), {columns({{33, 32, 32, 32, 0.9F, 0.1F, 1, 0}}), prototypes()}, options);
  EXPECT_TRUE(segments.reduced);
  EXPECT_EQ(segments.canvas, (Size{16, 16}));
  ASSERT_EQ(segments.instances.size(), 1U);
  EXPECT_EQ(segments.instances[0].detection.box, (Box{4.25F, 4, 12.25F, 12}));
  EXPECT_EQ(extent(segments.instances[0].mask), (std::pair{4, 11}));
}

TEST(YoloSegmentation, PassesNoNan) {
  const std::vector<float> bad{kNan, kNan, kNan, kNan, 0.9F, 0.1F, 1, 0};
  const std::vector<float> unsure{32, 32, 32, 32, kNan, kNan, 1, 0};
  EXPECT_TRUE(decode(config("yolov8"), {columns({bad, unsure}), prototypes()}, at(0.1F)).instances.empty());
  const std::vector<float> v5_unsure{32, 32, 32, 32, 0.9F, kNan, kNan, 1, 0};
  const std::vector<float> v5_nowhere{32, 32, 32, 32, kNan, 0.9F, 0.1F, 1, 0};
  EXPECT_TRUE(decode(config("yolov5"), {rows({v5_unsure, v5_nowhere}), prototypes()}, at(0.1F)).instances.empty());
}

TEST(YoloSegmentation, ReportsOutputsThatAreNotAsPromised) {
  const auto family = make_yolo_segmentation(config("yolov8"));
  const std::vector<Tensor> outputs{Tensor({1, 9, 3}), prototypes()};
  const auto prediction = (*family)->decode(views(outputs), 0, geometry(), {});
  ASSERT_FALSE(prediction);
  EXPECT_EQ(prediction.error().code, Code::internal);
  const std::vector<Tensor> good{Tensor({1, 8, 3}), prototypes()};
  EXPECT_FALSE((*family)->decode(views(good), 1, geometry(), {}));  // no second image
}

TEST(YoloSegmentation, RefusesOtherArchitectures) {
  const auto family = make_yolo_segmentation(config("yolact"));
  ASSERT_FALSE(family);
  EXPECT_EQ(family.error().code, Code::unsupported);
}

}  // namespace
}  // namespace osprey::vision
