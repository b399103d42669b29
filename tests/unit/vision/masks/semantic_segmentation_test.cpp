#include "vision/families/semantic_segmentation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensors.hpp"

namespace osprey::vision {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

FamilyConfig config(const std::string& architecture, std::vector<std::string> names) {
  FamilyConfig result;
  result.task = Task::semantic_segmentation;
  result.architecture = architecture;
  result.class_names = std::move(names);
  return result;
}

Geometry plain(Size size) {
  Geometry geometry;
  geometry.image = geometry.crop = geometry.network = size;
  return geometry;
}

DecodeOptions at(float confidence) {
  DecodeOptions options;
  options.confidence.value = confidence;
  return options;
}

SemanticMap decode(const FamilyConfig& family_config, const Tensor& logits, const Geometry& geometry,
                   const DecodeOptions& options) {
  const auto family = make_semantic_segmentation(family_config);
  EXPECT_TRUE(family);
  const std::vector<Tensor> outputs{logits};
  const auto prediction = (*family)->decode(views(outputs), 0, geometry, options);
  EXPECT_TRUE(prediction) << prediction.error().message;
  return prediction ? std::get<SemanticMap>(*prediction) : SemanticMap{};
}

const std::vector<std::string> kThree{"background", "cat", "dog"};

TEST(SemanticSegmentation, TakesTheGreatestSoftmaxAndSendsDoubtfulPixelsToTheBackground) {
  // Pixels: a sure cat, a dog of 0.4223, all even.
  const Tensor logits({1, 3, 1, 3}, {0, 0, 0, 5, 0, 0, 0, 0.38F, 0});
  const SemanticMap map = decode(config("deep-lab-v3-plus", kThree), logits, plain({3, 1}), at(0.4F));
  EXPECT_EQ(map.size, (Size{3, 1}));
  EXPECT_THAT(map.class_ids, ElementsAre(1, 2, 0));
  // e^5 / (e^5 + 2) = 0.98670 -> 251.6; e^0.38 / (e^0.38 + 2) = 0.42232 -> 107.7; a third is below 0.4.
  EXPECT_THAT(map.confidences, ElementsAre(251, 107, 0));
}

TEST(SemanticSegmentation, KeepsConfidencesAtTheThreshold) {
  const Tensor logits({1, 2, 1, 1}, {0, 0});
  const SemanticMap map = decode(config("yolo26-sem", {"cat", "background"}), logits, plain({1, 1}), at(0.5F));
  EXPECT_THAT(map.class_ids, ElementsAre(0));
  EXPECT_THAT(map.confidences, ElementsAre(127));
}

TEST(SemanticSegmentation, SkipsTheBackgroundsIdWhenTheNetworkLeavesItOut) {
  // Channels: cat, dog; names: cat, Background, dog.
  const Tensor logits({1, 2, 1, 2}, {9, 0, 0, 9});
  const SemanticMap map =
      decode(config("deeplabv3plus", {"cat", "Background", "dog"}), logits, plain({2, 1}), at(0.4F));
  EXPECT_THAT(map.class_ids, ElementsAre(0, 2));
}

TEST(SemanticSegmentation, ReadsASingleChannelAsTheForegroundsProbability) {
  const Tensor logits({1, 1, 1, 3}, {2, -2, 0});
  const SemanticMap map = decode(config("yolo26", {"background", "cat"}), logits, plain({3, 1}), at(0.5F));
  EXPECT_THAT(map.class_ids, ElementsAre(1, 0, 1));
  EXPECT_THAT(map.confidences, ElementsAre(224, 0, 127));  // sigmoid(2) = 0.8808 -> 224.6
}

TEST(SemanticSegmentation, TellsTheWinnersSigmoidForRfdetr) {
  const Tensor logits({1, 3, 1, 2}, {0, -3, 1, -2, 2, -4});
  const SemanticMap map = decode(config("rfdetr-sem-nano", kThree), logits, plain({2, 1}), at(0.1F));
  EXPECT_THAT(map.class_ids, ElementsAre(2, 1));
  EXPECT_THAT(map.confidences, ElementsAre(224, 30));  // sigmoid(-2) = 0.1192 -> 30.4
}

TEST(SemanticSegmentation, UsesTheFamilysOwnThresholdOnRequest) {
  const Tensor logits({1, 3, 1, 1}, {0, 0.38F, 0});  // 0.4223
  DecodeOptions options;
  options.confidence.kind = Confidence::Kind::model_default;
  EXPECT_THAT(decode(config("deep-lab-v3-plus", kThree), logits, plain({1, 1}), options).class_ids, ElementsAre(0));
  EXPECT_THAT(decode(config("yolo26", kThree), logits, plain({1, 1}), options).class_ids, ElementsAre(1));
}

TEST(SemanticSegmentation, StripsPaddingAndResizesToTheImage) {
  // 8x4 in a network of 8x8, two rows of padding above and below: a row each of logits of half that size.
  Geometry geometry = plain({8, 4});
  geometry.network = {8, 8};
  geometry.pad_top = geometry.pad_bottom = 2;
  Tensor logits({1, 3, 4, 4});
  for (int x = 0; x < 4; ++x) {
    for (const int y : {0, 3}) logits.at({0, 2, y, x}) = 50;  // dog in the padding
    for (const int y : {1, 2}) logits.at({0, x < 2 ? 0 : 1, y, x}) = 50;
  }
  const SemanticMap map = decode(config("deep-lab-v3-plus", kThree), logits, geometry, at(0.4F));
  EXPECT_EQ(map.size, (Size{8, 4}));
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 8; ++x) EXPECT_EQ(map.class_ids[static_cast<std::size_t>(y * 8 + x)], x < 4 ? 0 : 1);
  }
}

/// Row by row with rows kept must be what a direct computation gives.
TEST(SemanticSegmentation, EqualsTheDirectComputationWhenEnlargingAndShrinking) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 2);
  for (const Size size : {Size{23, 31}, Size{5, 4}, Size{40, 3}, Size{7, 9}}) {
    Tensor logits({1, 3, 9, 7});
    for (float& value : logits.values) value = normal(random);
    Geometry geometry = plain(size);
    geometry.network = {28, 36};
    const SemanticMap map = decode(config("deep-lab-v3-plus", kThree), logits, geometry, at(0));
    const auto weight = [](int output, int target, int sample, int source) {
      const double ratio = static_cast<double>(source) / target;
      const double reach = std::max(ratio, 1.0);
      const auto at_sample = [&](int i) {
        return std::max(0.0, 1 - std::abs(i + 0.5 - (output + 0.5) * ratio) / reach);
      };
      double total = 0;
      for (int i = 0; i < source; ++i) total += at_sample(i);
      return at_sample(sample) / total;
    };
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        double values[3] = {};
        for (int k = 0; k < 3; ++k) {
          for (int row = 0; row < 9; ++row) {
            for (int column = 0; column < 7; ++column) {
              values[k] += weight(y, size.height, row, 9) * weight(x, size.width, column, 7) *
                           static_cast<double>(logits.at({0, k, row, column}));
            }
          }
        }
        const auto place = static_cast<std::size_t>(y * size.width + x);
        const double* const best = std::max_element(values, values + 3);
        const double sum = std::exp(values[0]) + std::exp(values[1]) + std::exp(values[2]);
        const double confidence = std::exp(*best) / sum;
        ASSERT_EQ(map.class_ids[place], best - values) << x << "," << y;
        ASSERT_NEAR(map.confidences[place], std::floor(confidence * 255), 1) << x << "," << y;
      }
    }
  }
}

TEST(SemanticSegmentation, PutsAStaticCropAtItsPlaceInTheImage) {
  Geometry geometry = plain({4, 3});
  geometry.crop = geometry.network = {2, 1};
  geometry.crop_x = 1;
  geometry.crop_y = 2;
  const Tensor logits({1, 3, 1, 2}, {0, 0, 9, 0, 0, 9});
  const SemanticMap map = decode(config("deep-lab-v3-plus", kThree), logits, geometry, at(0.4F));
  EXPECT_EQ(map.size, (Size{4, 3}));
  EXPECT_THAT(map.class_ids, ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0));
  EXPECT_EQ(map.confidences[8], 0);
  EXPECT_EQ(map.confidences[9], 254);
}

TEST(SemanticSegmentation, KeepsTheCropsSizeWhenTheCropStartsAtTheCorner) {
  Geometry geometry = plain({4, 3});
  geometry.crop = geometry.network = {2, 1};
  const Tensor logits({1, 3, 1, 2}, {0, 0, 9, 0, 0, 9});
  EXPECT_EQ(decode(config("deep-lab-v3-plus", kThree), logits, geometry, at(0.4F)).size, (Size{2, 1}));
}

TEST(SemanticSegmentation, LeavesWhatACenterCropCutOffToTheBackground) {
  Geometry geometry = plain({4, 2});
  geometry.network = {2, 2};
  geometry.pad_left = geometry.pad_right = -1;
  Tensor logits({1, 3, 2, 2});
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 2; ++x) logits.at({0, 1, y, x}) = 9;
  }
  const SemanticMap map = decode(config("deep-lab-v3-plus", kThree), logits, geometry, at(0.4F));
  EXPECT_THAT(map.class_ids, ElementsAre(0, 1, 1, 0, 0, 1, 1, 0));
}

TEST(SemanticSegmentation, PassesNoNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor logits({1, 3, 1, 2}, {nan, nan, nan, 3, nan, 0});
  for (const char* const architecture : {"deep-lab-v3-plus", "yolo26", "rfdetr"}) {
    const SemanticMap map = decode(config(architecture, kThree), logits, plain({2, 1}), at(0.001F));
    EXPECT_EQ(map.class_ids[0], 0) << architecture;
    EXPECT_EQ(map.confidences[0], 0) << architecture;
  }
}

TEST(SemanticSegmentation, IsAllBackgroundWhenPaddingTakesEverything) {
  Geometry geometry = plain({2, 2});
  geometry.network = {4, 4};
  geometry.pad_top = geometry.pad_bottom = 2;
  EXPECT_THAT(decode(config("yolo26", kThree), Tensor({1, 3, 4, 4}), geometry, at(0)).class_ids, Each(0));
}

TEST(SemanticSegmentation, NeedsABackgroundAmongTheClassNames) {
  const auto family = make_semantic_segmentation(config("yolo26", {"cat", "dog"}));
  ASSERT_FALSE(family);
  EXPECT_EQ(family.error().code, Code::data_corrupted);
  EXPECT_THAT(family.error().message, HasSubstr("background"));
  EXPECT_TRUE(make_semantic_segmentation(config("yolo26", {"cat", "BACKGROUND"})));
}

TEST(SemanticSegmentation, RefusesOtherArchitecturesAndMoreClassesThanIds) {
  EXPECT_EQ(make_semantic_segmentation(config("yolov8", kThree)).error().code, Code::unsupported);
  std::vector<std::string> names(257, "thing");
  names[0] = "background";
  EXPECT_EQ(make_semantic_segmentation(config("yolo26", names)).error().code, Code::data_corrupted);
}

TEST(SemanticSegmentation, RefusesOutputsThatDoNotFit) {
  const auto family = make_semantic_segmentation(config("yolo26", kThree));
  EXPECT_TRUE((*family)->check_outputs(specs({{-1, 3, -1, -1}})));
  EXPECT_TRUE((*family)->check_outputs(specs({{-1, 2, -1, -1}})));
  for (const auto& shapes : {specs({{1, 4, 8, 8}}), specs({{1, 1, 8, 8}}), specs({{1, 3, 8}}), specs({}),
                             specs({{1, 3, 8, 8}, {1, 3, 8, 8}})}) {
    const Status status = (*family)->check_outputs(shapes);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::data_corrupted);
    EXPECT_THAT(status.error().message, HasSubstr("3 class names"));
  }
  const auto alone = make_semantic_segmentation(config("yolo26", {"background"}));
  EXPECT_FALSE((*alone)->check_outputs(specs({{1, 1, 8, 8}})));
}

}  // namespace
}  // namespace osprey::vision
