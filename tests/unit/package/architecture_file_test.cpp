#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using vision::Task;

class ArchitectureFiles : public NewerLayout {
 protected:
  ArchitectureFiles() { folder.remove("model_config.json"); }
};

TEST_F(ArchitectureFiles, AreAskedInOrder) {
  graph.metadata = {{"task", "segment"}, {"description", "Ultralytics YOLO11n-seg model"}};
  ASSERT_READ(from_metadata, read());
  EXPECT_EQ(from_metadata.family.task, Task::instance_segmentation);
  EXPECT_EQ(from_metadata.family.architecture, "yolov11");

  folder.write("model_type.json", R"({"project_task_type": "object-detection", "model_type": "YOLOv8s"})");
  ASSERT_READ(from_type, read());
  EXPECT_EQ(from_type.family.task, Task::object_detection);
  EXPECT_EQ(from_type.family.architecture, "yolov8s");

  folder.write("package.json",
               R"({"taskType": "object-detection", "modelArchitecture": "yolov9", "modelVariant": "yolov9-c"})");
  ASSERT_READ(from_package, read());
  EXPECT_EQ(from_package.family.architecture, "yolov9");

  name("object-detection", "yolov10");
  ASSERT_READ(from_config, read());
  EXPECT_EQ(from_config.family.architecture, "yolov10");

  folder.write("model.json", R"({"task": "object-detection", "architecture": "yolov12"})");
  ASSERT_READ(from_owner, read());
  EXPECT_EQ(from_owner.family.architecture, "yolov12");
}

TEST_F(ArchitectureFiles, CompleteEachOther) {
  folder.write("package.json", R"({"taskType": null, "modelVariant": "yolov8n"})");
  graph.metadata = {{"task", "detect"}};
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::object_detection);
  EXPECT_EQ(package.family.architecture, "yolov8n");
}

TEST_F(ArchitectureFiles, NameTheTasksArchitecturesWhenOnlyTheTaskIsKnown) {
  graph.metadata = {{"task", "classify"}};
  const auto result = read();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::invalid_argument);
  EXPECT_THAT(result.error().message,
              AllOf(HasSubstr("its task is classification"), HasSubstr("resnet"), Not(HasSubstr("yolov5"))));
}

TEST_F(ArchitectureFiles, TellOfATaskThatIsNoneOfOurs) {
  graph.metadata = {{"task", "obb"}, {"description", "Ultralytics YOLO11n-obb model"}};
  EXPECT_THAT(message_of(read()), HasSubstr("'obb' is none of ours"));
}

TEST_F(ArchitectureFiles, AreRefusedNamingTheField) {
  struct Row {
    const char* file;
    const char* text;
    const char* expected;
    Code code;
  };
  for (const Row& row :
       {Row{"package.json", R"({"taskType": "cooking"})", "package.json: taskType is 'cooking'; supported: object-det",
            Code::data_corrupted},
        Row{"package.json", R"({"modelArchitecture": 5})", "package.json: modelArchitecture is 5",
            Code::data_corrupted},
        Row{"model_type.json", "{", "model_type.json is not valid JSON", Code::data_corrupted},
        Row{"model_config.json", R"({"task_type": []})", "model_config.json: task_type is []", Code::data_corrupted},
        Row{"model_config.json", R"({"backend_type": "trt"})", "model_config.json: backend_type is not 'onnx'",
            Code::unsupported},
        Row{"model_config.json", R"({"recommended_parameters": {"confidence": 2}})",
            "recommended_parameters.confidence is 2; a number from 0 to 1", Code::data_corrupted}}) {
    folder.write(row.file, row.text);
    const auto result = read();
    folder.remove(row.file);
    ASSERT_FALSE(result) << row.text;
    EXPECT_EQ(result.error().code, row.code) << row.text;
    EXPECT_THAT(result.error().message, HasSubstr(row.expected));
  }
}

TEST_F(ArchitectureFiles, TellRecommendedConfidences) {
  folder.write("package.json", R"({"taskType": "object-detection", "modelArchitecture": "yolov8",
      "recommendedParameters": {"confidence": 0.37, "perClassConfidence": {"cat": 0.25}}})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.recommended.confidence, 0.37F);
  EXPECT_EQ(package.family.recommended.per_class.at("cat"), 0.25F);

  folder.write("model_config.json", R"({"recommended_parameters": {"confidence": 0.5}})");
  ASSERT_READ(first_wins, read());
  EXPECT_EQ(first_wins.family.recommended.confidence, 0.5F);
  EXPECT_TRUE(first_wins.family.recommended.per_class.empty());
}

TEST_F(ArchitectureFiles, LeaveMultiLabelToThePostProcessingWhereTheTypeFileCannotTellIt) {
  folder.write("model_type.json", R"({"project_task_type": "classification", "model_type": "vit"})");
  configure(R"({"post_processing": {"type": "sigmoid"}})");
  ASSERT_READ(multi, read());
  EXPECT_EQ(multi.family.task, Task::multi_label_classification);
  configure(R"({"post_processing": {"type": "softmax"}})");
  ASSERT_READ(single, read());
  EXPECT_EQ(single.family.task, Task::classification);
}

}  // namespace
}  // namespace osprey::package
