#include "vision/families/candidates.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Confidence confidence(Confidence::Kind kind, float value = 0) {
  return {kind, value};
}

TEST(Thresholds, ANumberHoldsForEveryClass) {
  FamilyConfig config = detector("yolov8");
  config.recommended = {.confidence = 0.7F, .per_class = {{"cat", 0.2F}}};
  const Thresholds thresholds(confidence(Confidence::Kind::number, 0.55F), config, 0.4F);
  EXPECT_EQ(thresholds.of(0), 0.55F);
  EXPECT_EQ(thresholds.of(1), 0.55F);
  EXPECT_EQ(thresholds.lowest(), 0.55F);
}

TEST(Thresholds, DefaultIsTheFamilysOwn) {
  FamilyConfig config = detector("yolov8");
  config.recommended.confidence = 0.7F;
  EXPECT_EQ(Thresholds(confidence(Confidence::Kind::model_default), config, 0.25F).of(0), 0.25F);
}

TEST(Thresholds, BestIsTheRecommendationByClassWithTheOverallOneForTheRest) {
  FamilyConfig config = detector("yolov8", {"cat", "dog", "cow"});
  config.recommended = {.confidence = 0.7F, .per_class = {{"dog", 0.2F}, {"cow", 0.9F}}};
  const Thresholds thresholds(confidence(Confidence::Kind::best), config, 0.4F);
  EXPECT_EQ(thresholds.of(0), 0.7F);
  EXPECT_EQ(thresholds.of(1), 0.2F);
  EXPECT_EQ(thresholds.of(2), 0.9F);
  EXPECT_EQ(thresholds.of(3), 0.7F);
  EXPECT_EQ(thresholds.lowest(), 0.2F);
}

TEST(Thresholds, BestFallsBackToTheOverallOneThenToTheFamilys) {
  FamilyConfig config = detector("yolov8");
  const Confidence best = confidence(Confidence::Kind::best);
  EXPECT_EQ(Thresholds(best, config, 0.4F).of(0), 0.4F);
  config.recommended.per_class = {{"cat", 0.1F}};
  EXPECT_EQ(Thresholds(best, config, 0.4F).of(0), 0.4F);
  config.recommended = {.confidence = 0.6F, .per_class = {}};
  EXPECT_EQ(Thresholds(best, config, 0.4F).of(0), 0.6F);
}

TEST(ImageSlice, TakesOneImageOfTheBatch) {
  const Output output{{2, 1, 3}, {1, 2, 3, 4, 5, 6}};
  const TensorView image = image_slice({output.shape, output.values}, 1);
  EXPECT_THAT(image.shape, ElementsAre(1, 3));
  EXPECT_THAT(image.data, ElementsAre(4, 5, 6));
}

TEST(ImageSlice, IsEmptyPastTheBatch) {
  const Output output{{2, 3}, {1, 2, 3, 4, 5, 6}};
  EXPECT_THAT(image_slice({output.shape, output.values}, 2).data, IsEmpty());
  EXPECT_THAT(image_slice({}, 0).data, IsEmpty());
}

std::vector<Candidate> columns(const Rows& rows, float threshold) {
  const Output output = by_column(rows);
  return yolov8_candidates(image_slice({output.shape, output.values}, 0), 2, Thresholds(threshold));
}

TEST(Yolov8Candidates, TurnCentresIntoCornersAndTakeTheBestClass) {
  const auto found =
      columns({{50, 40, 20, 10, 0.1F, 0.8F}, {9, 9, 2, 2, 0.3F, 0.2F}, {70, 70, 4, 4, 0.6F, 0.5F}}, 0.4F);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].box, (Box{40, 35, 60, 45}));
  EXPECT_EQ(found[0].score, 0.8F);
  EXPECT_EQ(found[0].class_id, 1);
  EXPECT_EQ(found[0].index, 0);
  EXPECT_EQ(found[1].class_id, 0);
  EXPECT_EQ(found[1].index, 2);
}

TEST(Yolov8Candidates, MustBeAboveTheThreshold) {
  EXPECT_THAT(columns({{5, 5, 2, 2, 0.5F, 0}}, 0.5F), IsEmpty());
  EXPECT_EQ(columns({{5, 5, 2, 2, std::nextafter(0.5F, 1.0F), 0}}, 0.5F).size(), 1U);
}

TEST(Yolov8Candidates, TakeTheFirstOfEqualClasses) {
  EXPECT_EQ(columns({{5, 5, 2, 2, 0.5F, 0.5F}}, 0.4F).at(0).class_id, 0);
}

TEST(Yolov8Candidates, NeverPassOnNan) {
  EXPECT_THAT(columns({{5, 5, 2, 2, kNan, kNan}}, 0), IsEmpty());
  EXPECT_THAT(columns({{5, 5, 2, 2, 0.9F, 0}}, kNan), IsEmpty());
}

TEST(Yolov8Candidates, HoldTheBestClassAgainstItsOwnThreshold) {
  FamilyConfig config = detector("yolov8");
  config.recommended = {.confidence = 0.9F, .per_class = {{"dog", 0.2F}}};
  const Thresholds thresholds(confidence(Confidence::Kind::best), config, 0.4F);
  const Output output = by_column({{5, 5, 2, 2, 0.8F, 0.1F}, {5, 5, 2, 2, 0.1F, 0.3F}, {5, 5, 2, 2, 0.8F, 0.7F}});
  const auto found = yolov8_candidates(image_slice({output.shape, output.values}, 0), 2, thresholds);
  // The third is a cat below 0.9; that it would pass as a dog does not count.
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].index, 1);
}

TEST(Yolov8Candidates, MustBeAboveTheClassesOwnThresholdToo) {
  FamilyConfig config = detector("yolov8");
  config.recommended = {.confidence = 0.5F, .per_class = {{"dog", 0.2F}}};
  const Output output = by_column({{5, 5, 2, 2, 0.5F, 0.1F}, {5, 5, 2, 2, 0.1F, 0.2F}});
  EXPECT_THAT(yolov8_candidates(image_slice({output.shape, output.values}, 0), 2,
                                Thresholds(confidence(Confidence::Kind::best), config, 0.4F)),
              IsEmpty());
}

TEST(Yolov8Candidates, FindEveryColumnOfALongRow) {
  Rows rows(3000, {5, 5, 2, 2, 0, 0});
  for (const std::size_t place : {0U, 1023U, 1024U, 2047U, 2048U, 2999U}) rows[place][5] = 0.9F;
  std::vector<int> places;
  for (const Candidate& candidate : columns(rows, 0.5F)) {
    EXPECT_EQ(candidate.class_id, 1);
    places.push_back(candidate.index);
  }
  EXPECT_THAT(places, ElementsAre(0, 1023, 1024, 2047, 2048, 2999));
}

TEST(Yolov8Candidates, AreNoneOfATensorTooSmallForTheClasses) {
  const Output output = by_column({{5, 5, 2, 2, 0.9F}});
  EXPECT_THAT(yolov8_candidates(image_slice({output.shape, output.values}, 0), 2, Thresholds(0)), IsEmpty());
  EXPECT_THAT(yolov8_candidates({}, 2, Thresholds(0)), IsEmpty());
}

TEST(BestClass, IsTheFirstOfTheGreatest) {
  const std::vector<float> scores{0.1F, 0.2F, 0.7F, 0.3F, kNan, 0.7F, 0, 0, 0, 0.65F};
  EXPECT_EQ(best_class(scores).class_id, 2);
  EXPECT_EQ(best_class(scores).score, 0.7F);
  std::vector<float> last(19, 0.25F);
  last.back() = 0.5F;
  EXPECT_EQ(best_class(last).class_id, 18);
}

TEST(BestClass, OfNothingIsMinusInfinity) {
  EXPECT_EQ(best_class({}).score, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(best_class(std::vector<float>(3, kNan)).score, -std::numeric_limits<float>::infinity());
}

TEST(FilterByClass, KeepsTheNamedClassesInOrder) {
  std::vector<int> ids{1, 0, 2, 1, 5};
  filter_by_class(ids, {"dog", "cow", "5"}, {"cat", "dog", "cow"}, [](int id) { return id; });
  EXPECT_THAT(ids, ElementsAre(1, 2, 1, 5));
}

TEST(FilterByClass, KeepsAllWithoutNames) {
  std::vector<int> ids{1, 0};
  filter_by_class(ids, {}, {"cat", "dog"}, [](int id) { return id; });
  EXPECT_THAT(ids, ElementsAre(1, 0));
}

}  // namespace
}  // namespace osprey::vision
