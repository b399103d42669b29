#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network_outputs.hpp"
#include "vision/families/architecture.hpp"

namespace osprey::vision {
namespace {

using testing::HasSubstr;

constexpr Task kTasks[] = {Task::object_detection,   Task::instance_segmentation,      Task::classification,
                           Task::keypoint_detection, Task::multi_label_classification, Task::semantic_segmentation};

TEST(MakeFamily, MakesEveryKnownArchitecture) {
  for (const Task task : kTasks) {
    EXPECT_FALSE(known_architectures(task).empty());
    for (const std::string_view name : known_architectures(task)) {
      FamilyConfig config = config_for(task, std::string(name), {"background", "cat"});
      config.skeletons = {{{"nose"}}, {{"nose"}}};
      const auto family = make_family(config);
      EXPECT_TRUE(family) << name << ": " << (family ? "" : family.error().message);
      EXPECT_EQ(base_architecture(task, name), name);
    }
  }
}

TEST(MakeFamily, RefusesAnUnknownArchitectureNamingTheKnownOnes) {
  const auto family = make_family(detector("yolov99"));
  ASSERT_FALSE(family);
  EXPECT_EQ(family.error().code, Code::unsupported);
  EXPECT_THAT(family.error().message, HasSubstr("yolov99"));
  EXPECT_THAT(family.error().message, HasSubstr("object-detection"));
  for (const std::string_view name : known_architectures(Task::object_detection)) {
    EXPECT_THAT(family.error().message, HasSubstr(std::string(name)));
  }
}

TEST(MakeFamily, RefusesAnArchitectureOfAnotherTask) {
  EXPECT_FALSE(make_family(detector("yolact")));
  EXPECT_FALSE(make_family(detector("yolov8n-seg")));
  EXPECT_FALSE(make_family(detector("")));
}

TEST(MakeFamily, NeedsClassNames) {
  const auto family = make_family(detector("yolov8", {}));
  ASSERT_FALSE(family);
  EXPECT_EQ(family.error().code, Code::data_corrupted);
}

}  // namespace
}  // namespace osprey::vision
