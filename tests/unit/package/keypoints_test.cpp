#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KeypointsFile : public NewerLayout {
 protected:
  KeypointsFile() { name("keypoint-detection", "yolov8n-pose"); }
};

TEST_F(KeypointsFile, GivesSkeletonsByObjectClass) {
  folder.write("keypoints_metadata.json", R"([
      {"object_class_id": 1, "keypoints": {"1": "tail", "0": "nose", "2": "paw"}, "edges": [{"from": 0, "to": 1}]}])");
  ASSERT_READ(package, read());
  ASSERT_EQ(package.family.skeletons.size(), 2U);
  EXPECT_THAT(package.family.skeletons[0].keypoints, IsEmpty());
  EXPECT_THAT(package.family.skeletons[1].keypoints, ElementsAre("nose", "tail", "paw"));
}

TEST_F(KeypointsFile, IsNeededForKeypointsOnly) {
  EXPECT_THAT(message_of(read()), HasSubstr("keypoints_metadata.json is missing"));
  name("object-detection", "yolov8");
  ASSERT_READ(package, read());
  EXPECT_THAT(package.family.skeletons, IsEmpty());
}

TEST_F(KeypointsFile, IsRefusedNamingTheField) {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const Row& row :
       {Row{"{}", "keypoints_metadata.json is an object; an array"},
        Row{R"([{"keypoints": {}}])", "[0].object_class_id is missing; a whole number from 0 to 1"},
        Row{R"([{"object_class_id": 2, "keypoints": {}}])", "[0].object_class_id is 2"},
        Row{R"([{"object_class_id": 0, "keypoints": {}}, {"object_class_id": 0, "keypoints": {}}])",
            "[1].object_class_id is 0; each class is expected once"},
        Row{R"([{"object_class_id": 0, "keypoints": ["nose"]}])", "[0].keypoints is [\"nose\"]; an object"},
        Row{R"([{"object_class_id": 0, "keypoints": {"1": "nose"}}])", "[0].keypoints.0 is missing; slots from 0"},
        Row{R"([{"object_class_id": 0, "keypoints": {"0": 5}}])", "[0].keypoints.0 is 5; a string"}}) {
    folder.write("keypoints_metadata.json", row.text);
    const auto result = read();
    ASSERT_FALSE(result) << row.text;
    EXPECT_EQ(result.error().code, Code::data_corrupted);
    EXPECT_THAT(result.error().message,
                ::testing::AllOf(HasSubstr("keypoints_metadata.json"), HasSubstr(row.expected)));
  }
}

}  // namespace
}  // namespace osprey::package
