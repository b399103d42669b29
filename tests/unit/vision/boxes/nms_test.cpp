#include "vision/nms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

using testing::ElementsAre;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<int> kept(std::vector<Candidate> candidates, const NmsOptions& options = {}) {
  std::vector<int> indices;
  for (const Candidate& candidate : non_maximum_suppression(std::move(candidates), options)) {
    indices.push_back(candidate.index);
  }
  return indices;
}

Box square(float x, float side = 10) {
  return {x, 0, x + side, side};
}

TEST(IntersectionOverUnion, IsTheSharedPartOfBoth) {
  // 5x10 shared of 10x10 + 10x10.
  EXPECT_FLOAT_EQ(intersection_over_union(square(0), square(5)), 50.0F / 150.0F);
  EXPECT_FLOAT_EQ(intersection_over_union(square(0), square(0)), 1.0F);
  EXPECT_FLOAT_EQ(intersection_over_union(square(0), square(10)), 0.0F);
  EXPECT_FLOAT_EQ(intersection_over_union(square(0), square(50)), 0.0F);
}

TEST(IntersectionOverUnion, OfTwoEmptyBoxesIsZero) {
  EXPECT_EQ(intersection_over_union(square(3, 0), square(3, 0)), 0.0F);
}

TEST(Nms, KeepsTheBestOfOverlappingBoxesBestFirst) {
  EXPECT_THAT(kept({{square(1), 0.5F, 0, 0}, {square(100), 0.6F, 0, 1}, {square(0), 0.9F, 0, 2}}), ElementsAre(2, 1));
}

TEST(Nms, KeepsABoxWhoseIouEqualsTheThreshold) {
  // Shared 5x10, union 10x10 (one box inside the other): exactly 0.5.
  const std::vector<Candidate> boxes{{{0, 0, 10, 10}, 0.9F, 0, 0}, {{0, 0, 5, 10}, 0.8F, 0, 1}};
  EXPECT_THAT(kept(boxes, {.iou_threshold = 0.5F}), ElementsAre(0, 1));
  EXPECT_THAT(kept(boxes, {.iou_threshold = std::nextafter(0.5F, 0.0F)}), ElementsAre(0));
}

TEST(Nms, ASuppressedBoxSuppressesNothing) {
  // 0 covers 1, 1 covers 2, 0 does not reach 2.
  const std::vector<Candidate> chain{{square(0), 0.9F, 0, 0}, {square(5), 0.8F, 0, 1}, {square(10), 0.7F, 0, 2}};
  EXPECT_THAT(kept(chain, {.iou_threshold = 0.3F}), ElementsAre(0, 2));
}

TEST(Nms, SeparatesClassesUnlessAgnostic) {
  const std::vector<Candidate> boxes{{square(0), 0.9F, 0, 0}, {square(0), 0.8F, 1, 1}};
  EXPECT_THAT(kept(boxes), ElementsAre(0, 1));
  EXPECT_THAT(kept(boxes, {.class_agnostic = true}), ElementsAre(0));
}

TEST(Nms, OrdersEqualScoresByIndexWhateverTheOrderGiven) {
  EXPECT_THAT(kept({{square(0), 0.5F, 0, 7}, {square(100), 0.5F, 0, 3}, {square(200), 0.5F, 0, 5}}),
              ElementsAre(3, 5, 7));
  // The lower index wins the overlap.
  EXPECT_THAT(kept({{square(1), 0.5F, 0, 2}, {square(0), 0.5F, 0, 1}}), ElementsAre(1));
}

TEST(Nms, StopsAtMaxDetections) {
  const std::vector<Candidate> boxes{{square(0), 0.9F, 0, 0}, {square(50), 0.8F, 0, 1}, {square(90), 0.7F, 0, 2}};
  EXPECT_THAT(kept(boxes, {.max_detections = 2}), ElementsAre(0, 1));
  EXPECT_THAT(kept(boxes, {.max_detections = 0}), ElementsAre());
  EXPECT_THAT(kept(boxes, {.max_detections = -1}), ElementsAre());
}

TEST(Nms, LetsOnlyTheBestCandidatesIn) {
  // The second best overlaps the best: with two let in, only one remains, though the third would be kept.
  const std::vector<Candidate> boxes{{square(90), 0.7F, 0, 0}, {square(0), 0.9F, 0, 1}, {square(1), 0.8F, 0, 2}};
  EXPECT_THAT(kept(boxes, {.max_candidates = 2}), ElementsAre(1));
  EXPECT_THAT(kept(boxes, {.max_candidates = 3}), ElementsAre(1, 0));
  EXPECT_THAT(kept(boxes, {.max_candidates = 0}), ElementsAre());
}

TEST(Nms, CutsEqualScoresAtMaxCandidatesByIndex) {
  std::vector<Candidate> boxes;
  for (int i = 0; i < 50; ++i) boxes.push_back({square(static_cast<float>(20 * i)), 0.5F, 0, 49 - i});
  EXPECT_THAT(kept(boxes, {.max_candidates = 3}), ElementsAre(0, 1, 2));
}

TEST(Nms, DropsWhatIsNotANumber) {
  EXPECT_THAT(kept({{square(0), kNan, 0, 0},
                    {{kNan, 0, 1, 1}, 0.9F, 0, 1},
                    {{0, 0, kInfinity, 1}, 0.9F, 0, 2},
                    {square(0), 0.5F, 0, 3}}),
              ElementsAre(3));
}

TEST(Nms, KeepsEmptyBoxesApart) {
  EXPECT_THAT(kept({{square(3, 0), 0.9F, 0, 0}, {square(3, 0), 0.8F, 0, 1}}), ElementsAre(0, 1));
}

// The vectorised comparison against the plain definition, on boxes that overlap a lot.
TEST(Nms, AgreesWithTheDefinitionOnManyBoxes) {
  std::vector<Candidate> boxes;
  unsigned state = 12345;
  const auto random = [&](unsigned limit) {
    state = state * 1664525U + 1013904223U;
    return static_cast<float>((state >> 8) % limit);
  };
  for (int i = 0; i < 600; ++i) {
    const Box box{random(100), random(100), 0, 0};
    boxes.push_back({{box.x1, box.y1, box.x1 + 5 + random(40), box.y1 + 5 + random(40)},
                     random(200) / 200,
                     static_cast<int>(random(3)),
                     i});
  }
  std::vector<Candidate> sorted = boxes;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.index < b.index; });
  std::vector<Candidate> expected;
  for (const Candidate& candidate : sorted) {
    const bool suppressed = std::any_of(expected.begin(), expected.end(), [&](const Candidate& other) {
      return other.class_id == candidate.class_id && intersection_over_union(other.box, candidate.box) > 0.3F;
    });
    if (!suppressed) expected.push_back(candidate);
  }
  std::vector<int> indices;
  for (const Candidate& candidate : expected) indices.push_back(candidate.index);
  ASSERT_GT(indices.size(), 40U);
  EXPECT_EQ(kept(boxes), indices);
}

}  // namespace
}  // namespace osprey::vision
