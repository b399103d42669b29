#include "vision/families/classification.hpp"

#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensors.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

FamilyConfig config(std::size_t classes, bool fused) {
  FamilyConfig result;
  result.task = Task::classification;
  result.architecture = "vit";
  for (std::size_t i = 0; i < classes; ++i) result.class_names.push_back("class" + std::to_string(i));
  result.fused = fused;
  return result;
}

DecodeOptions at(float confidence) {
  DecodeOptions options;
  options.confidence.value = confidence;
  return options;
}

Classification classify(const std::vector<float>& row, bool fused, const DecodeOptions& options) {
  const auto family = make_classification(config(row.size(), fused));
  const std::vector<Tensor> outputs{Tensor({1, static_cast<std::int64_t>(row.size())}, row)};
  const auto prediction = (*family)->decode(views(outputs), 0, {}, options);
  EXPECT_TRUE(prediction);
  return std::get<Classification>(*prediction);
}

MultiLabelClassification label(const std::vector<float>& row, bool fused, const DecodeOptions& options) {
  const auto family = make_multi_label_classification(config(row.size(), fused));
  const std::vector<Tensor> outputs{Tensor({1, static_cast<std::int64_t>(row.size())}, row)};
  const auto prediction = (*family)->decode(views(outputs), 0, {}, options);
  EXPECT_TRUE(prediction);
  return std::get<MultiLabelClassification>(*prediction);
}

std::vector<int> ids(const Classification& classification) {
  std::vector<int> result;
  for (const ClassScore& score : classification.scores) result.push_back(score.class_id);
  return result;
}

TEST(Classification, TurnsLogitsIntoProbabilitiesBestFirst) {
  const Classification result = classify({0, 2, 1}, false, at(0));
  EXPECT_EQ(ids(result), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(result.scores[0].confidence, 0.6652);  // e^2 / (1 + e + e^2) = 0.665241
  EXPECT_EQ(result.scores[1].confidence, 0.2447);
  EXPECT_EQ(result.scores[2].confidence, 0.09);
}

TEST(Classification, TakesFusedScoresAsTheyAre) {
  const Classification result = classify({0.25F, 0.75F}, true, at(0));
  EXPECT_EQ(result.scores[0].confidence, 0.75);
  EXPECT_EQ(result.scores[1].confidence, 0.25);
}

TEST(Classification, TellsTheProbabilityOfEveryClassWhateverTheThreshold) {
  EXPECT_THAT(classify({0.25F, 0.75F}, true, at(0.5F)).probabilities, ElementsAre(0.25F, 0.75F));
  EXPECT_THAT(classify({0, 0}, false, at(0.9F)).probabilities, ElementsAre(0.5F, 0.5F));
  EXPECT_THAT(classify({std::numeric_limits<float>::quiet_NaN(), 1}, true, at(0)).probabilities,
              ElementsAre(0.0F, 1.0F));
}

TEST(Classification, KeepsScoresAtTheThreshold) {
  EXPECT_EQ(ids(classify({0.5F, 0.25F, 0.2F}, true, at(0.25F))), (std::vector<int>{0, 1}));
}

TEST(Classification, ComparesBeforeItRounds) {
  EXPECT_TRUE(ids(classify({0.39998F}, true, at(0.4F))).empty());  // 0.4 once rounded
}

TEST(Classification, RoundsTheExactValueToFourDecimals) {
  // 0.00005 in float32 is 4.99999987e-05; 1/32 = 0.03125 is a tie: half to even. By Python's round(x, 4).
  const Classification result = classify({0.00005F, 0.03125F, 0.09375F, 0.12345F}, true, at(0));
  EXPECT_EQ(result.scores[0].confidence, 0.1235);  // 0.12345 in float32 is 0.123450003...
  EXPECT_EQ(result.scores[1].confidence, 0.0938);
  EXPECT_EQ(result.scores[2].confidence, 0.0312);
  EXPECT_EQ(result.scores[3].confidence, 0.0);
}

TEST(Classification, KeepsClassOrderWhereRoundedScoresTie) {
  EXPECT_EQ(ids(classify({0.50001F, 0.50004F, 0.7F}, true, at(0))), (std::vector<int>{2, 0, 1}));
}

TEST(Classification, MeansOneHalfByBestAndDefault) {
  for (const auto kind : {Confidence::Kind::best, Confidence::Kind::model_default}) {
    DecodeOptions options;
    options.confidence.kind = kind;
    EXPECT_EQ(ids(classify({0.49F, 0.5F, 0.6F}, true, options)), (std::vector<int>{2, 1}));
  }
}

TEST(Classification, PassesNoNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(classify({nan, 1}, false, at(0)).scores.empty());
  EXPECT_EQ(ids(classify({nan, 0.5F}, true, at(0))), (std::vector<int>{1}));
}

TEST(Classification, ReadsTheImageAskedFor) {
  const auto family = make_classification(config(2, true));
  const std::vector<Tensor> outputs{Tensor({2, 2}, {0.9F, 0.1F, 0.2F, 0.8F})};
  const auto prediction = (*family)->decode(views(outputs), 1, {}, at(0.5F));
  ASSERT_TRUE(prediction);
  EXPECT_EQ(ids(std::get<Classification>(*prediction)), (std::vector<int>{1}));
}

TEST(Classification, RefusesAnotherNumberOfScoresThanClasses) {
  const auto family = make_classification(config(3, false));
  EXPECT_TRUE((*family)->check_outputs(specs({{-1, 3}})));
  const Status status = (*family)->check_outputs(specs({{-1, 4}}));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::data_corrupted);
  EXPECT_THAT(status.error().message, HasSubstr("3 classes"));
  const std::vector<Tensor> outputs{Tensor({1, 4})};
  const auto prediction = (*family)->decode(views(outputs), 0, {}, {});
  ASSERT_FALSE(prediction);
  EXPECT_EQ(prediction.error().code, Code::internal);
}

TEST(MultiLabel, PredictsInClassOrderAndTellsEveryScore) {
  const MultiLabelClassification result = label({2, -2, 0}, false, at(0.5F));
  EXPECT_THAT(result.predicted, ElementsAre(0, 2));  // sigmoid(0) is 0.5, which is enough
  EXPECT_NEAR(result.scores[0], 0.880797F, 1e-6F);
  EXPECT_NEAR(result.scores[1], 0.119203F, 1e-6F);
  EXPECT_EQ(result.scores[2], 0.5F);
}

TEST(MultiLabel, TakesFusedScoresAsTheyAre) {
  const MultiLabelClassification result = label({0.3F, 0.7F}, true, at(0.5F));
  EXPECT_THAT(result.predicted, ElementsAre(1));
  EXPECT_THAT(result.scores, ElementsAre(0.3F, 0.7F));
}

TEST(MultiLabel, PassesNoNan) {
  const MultiLabelClassification result = label({std::numeric_limits<float>::quiet_NaN(), 1}, false, at(0));
  EXPECT_THAT(result.predicted, ElementsAre(1));
  EXPECT_EQ(result.scores[0], 0.0F);
}

}  // namespace
}  // namespace osprey::vision
