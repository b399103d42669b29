#include "vision/task.hpp"

#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

TEST(Task, EveryNameOfTheWireLeadsBackToItsTask) {
  for (const Task task : {Task::object_detection, Task::instance_segmentation, Task::classification,
                          Task::multi_label_classification, Task::keypoint_detection, Task::semantic_segmentation}) {
    EXPECT_EQ(task_from_name(to_string(task)), task) << to_string(task);
  }
  EXPECT_EQ(to_string(Task::multi_label_classification), "multi-label-classification");
}

TEST(Task, UnderstandsTheNamesThatTrainersWrite) {
  EXPECT_EQ(task_from_name("detect"), Task::object_detection);
  EXPECT_EQ(task_from_name("segment"), Task::instance_segmentation);
  EXPECT_EQ(task_from_name("classify"), Task::classification);
  EXPECT_EQ(task_from_name("pose"), Task::keypoint_detection);
  EXPECT_EQ(task_from_name("semantic"), Task::semantic_segmentation);
}

TEST(Task, OtherNamesAreNoTask) {
  EXPECT_EQ(task_from_name(""), std::nullopt);
  EXPECT_EQ(task_from_name("Object-Detection"), std::nullopt);
  EXPECT_EQ(task_from_name("obb"), std::nullopt);
}

}  // namespace
}  // namespace osprey::vision
