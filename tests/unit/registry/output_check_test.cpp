#include "registry/output_check.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::registry {
namespace {

using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Output {
  explicit Output(Shape the_shape) : shape(std::move(the_shape)), values(element_count(shape), 0.5F) {}
  [[nodiscard]] TensorView view() const { return {shape, values}; }
  Shape shape;
  std::vector<float> values;
};

/// What is said of one output; empty: nothing.
std::string said_of(const Output& output, const Shape& promised, std::size_t images = 1) {
  const std::vector<TensorView> outputs{output.view()};
  const std::vector<TensorSpec> specs{{"scores", promised}};
  const auto checked = check_outputs(outputs, specs, images);
  if (checked) return {};
  EXPECT_EQ(checked.error().code, Code::internal);
  return checked.error().message;
}

TEST(OutputCheck, TakesWhatWasPromised) {
  EXPECT_EQ(said_of(Output({1, 6, 8}), {-1, 6, -1}), "");
  EXPECT_EQ(said_of(Output({4, 6, 8}), {-1, 6, -1}, 4), "");
}

TEST(OutputCheck, TellsMissingOutputsAndOtherShapes) {
  EXPECT_FALSE(check_outputs({}, std::vector<TensorSpec>{{"scores", {1, 2}}}, 1));
  EXPECT_THAT(said_of(Output({6, 8}), {-1, 6, -1}), HasSubstr("has the shape [6,8]"));
  EXPECT_THAT(said_of(Output({2, 6, 8}), {-1, 6, -1}, 3), HasSubstr("for 3 images"));
  Output less({1, 6, 8});
  less.values.pop_back();
  EXPECT_THAT(said_of(less, {-1, 6, -1}), HasSubstr("47 values"));
  Output negative({1, 6, 8});
  negative.shape[1] = -6;
  EXPECT_NE(said_of(negative, {-1, 6, -1}), "");
}

TEST(OutputCheck, TellsOneNanInASmallOutput) {
  for (const std::size_t place : {0U, 100U, 1999U}) {
    Output output({1, 20, 100});
    output.values[place] = kNan;
    EXPECT_THAT(said_of(output, {1, 20, 100}), HasSubstr("'scores' holds values that are not numbers")) << place;
  }
}

TEST(OutputCheck, TellsInfinityAmongScoresOnly) {
  Output scores({1, 5});
  scores.values[3] = -kInfinity;
  EXPECT_EQ(said_of(scores, {1, 5}), "") << "the logit of a class that cannot be";
  scores.values[3] = kInfinity;
  EXPECT_NE(said_of(scores, {1, 5}), "");
  Output mask({1, 5, 5});
  mask.values[3] = kInfinity;
  EXPECT_EQ(said_of(mask, {1, 5, 5}), "") << "its sigmoid is 1";
}

TEST(OutputCheck, TellsANanRowOfAYolov8OutputWhereverItIs) {
  for (const std::size_t row : {0U, 3U, 4U, 83U}) {
    Output output({1, 84, 8400});
    std::fill_n(output.values.begin() + static_cast<std::ptrdiff_t>(row * 8400), 8400, kNan);
    EXPECT_NE(said_of(output, {1, 84, 8400}), "") << row;
  }
}

TEST(OutputCheck, TellsANanColumnWhereRowsAreAPowerOfTwoLong) {
  Output output({1, 4096, 64});
  for (std::size_t i = 7; i < output.values.size(); i += 64) output.values[i] = kNan;
  EXPECT_NE(said_of(output, {1, 4096, 64}), "");
}

}  // namespace
}  // namespace osprey::registry
