#include "vision/families/output_shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Fits, TakesUnknownDimensionsOnEitherSide) {
  EXPECT_TRUE(fits(Shape{1, 20, 2100}, Shape{-1, 20, -1}));
  EXPECT_TRUE(fits(Shape{-1, -1, -1}, Shape{-1, 20, -1}));
  EXPECT_FALSE(fits(Shape{1, 21, 2100}, Shape{-1, 20, -1}));
  EXPECT_FALSE(fits(Shape{20, 2100}, Shape{-1, 20, -1}));
}

TEST(UnexpectedOutputs, NamesBothSides) {
  const Error error = unexpected_outputs("yolov8", "[?,20,?]", specs({{1, 300, 6}, {-1, 32, 80, 80}}));
  EXPECT_EQ(error.code, Code::data_corrupted);
  EXPECT_THAT(error.message, AllOf(HasSubstr("yolov8"), HasSubstr("[?,20,?]"), HasSubstr("\"output0\" [1,300,6]"),
                                   HasSubstr("\"output1\" [?,32,80,80]")));
}

TEST(OutputOfImage, RefusesWhatIsNotThere) {
  const std::vector<Output> outputs{{{2, 3}, {1, 2, 3, 4, 5, 6}}};
  EXPECT_EQ(output_of_image(views(outputs), 0, 1, Shape{-1, 3})->data.front(), 4);
  for (const auto& refused :
       {output_of_image(views(outputs), 1, 0, Shape{-1, 3}), output_of_image(views(outputs), 0, 2, Shape{-1, 3}),
        output_of_image(views(outputs), 0, 0, Shape{-1, 4}), output_of_image({}, 0, 0, Shape{-1, 4})}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::internal);
  }
}

TEST(OutputOfImage, RefusesAShapeThatItsValuesDoNotFill) {
  const std::vector<Output> outputs{{{2, 3}, {1, 2, 3, 4}}, {{-1, 3}, {1, 2, 3}}, {{}, {1}}};
  for (std::size_t i = 0; i < outputs.size(); ++i)
    EXPECT_FALSE(output_of_image(views(outputs), i, 0, outputs[i].shape));
}

YoloLayout layout(const Shape& shape, int classes, int extra = 0, image::Size network = {640, 640}) {
  const auto result = yolo_layout(shape, classes, extra, network);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : YoloLayout::undecided;
}

TEST(YoloLayout, IsToldByShape) {
  EXPECT_EQ(layout({1, 300, 6}, 80), YoloLayout::end_to_end);
  EXPECT_EQ(layout({1, 84, 8400}, 80), YoloLayout::yolov8);
  EXPECT_EQ(layout({1, 300, 57}, 1, 51), YoloLayout::end_to_end);
  EXPECT_EQ(layout({1, 56, 8400}, 1, 51), YoloLayout::yolov8);
  EXPECT_EQ(layout({-1, -1, -1}, 80), YoloLayout::undecided);
}

TEST(YoloLayout, OfManyClassesIsToldByTheNumberOfCells) {
  // 296 classes: [1,300,6] has the height of the YOLOv8 layout, but no grid has 6 cells.
  EXPECT_EQ(layout({1, 300, 6}, 296), YoloLayout::end_to_end);
}

TEST(YoloLayout, IsRefusedWhenNeitherFits) {
  const auto result = yolo_layout(Shape{1, 300, 7}, 80, 0, {640, 640});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::data_corrupted);
  EXPECT_THAT(result.error().message, AllOf(HasSubstr("[1,300,7]"), HasSubstr("[?,?,6]"), HasSubstr("[?,84,?]")));
}

TEST(YoloLayout, IsRefusedWhenBothFit) {
  // A 32x32 input has 16 + 4 + 1 = 21 cells, as many as a row with 5 keypoints has values.
  const auto result = yolo_layout(Shape{1, 20, 21}, 1, 15, {32, 32});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::data_corrupted);
  EXPECT_THAT(result.error().message, AllOf(HasSubstr("both"), HasSubstr("[?,?,21]"), HasSubstr("[?,20,?]")));
}

TEST(GridCells, CountsThreeStrides) {
  EXPECT_EQ(grid_cells({416, 416}), 3549);
  EXPECT_EQ(grid_cells({64, 32}), 32 + 8 + 2);
}

}  // namespace
}  // namespace osprey::vision
