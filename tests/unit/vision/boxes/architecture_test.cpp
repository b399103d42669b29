#include "vision/families/architecture.hpp"

#include <gtest/gtest.h>

namespace osprey::vision {
namespace {

struct Name {
  Task task;
  std::string_view name;
  std::string_view base;
};

class ArchitectureNames : public testing::TestWithParam<Name> {};

TEST_P(ArchitectureNames, HaveTheirBase) {
  const auto& [task, name, base] = GetParam();
  EXPECT_EQ(base_architecture(task, name), base) << name;
  EXPECT_EQ(base_architecture(task, base), base) << "a base is its own base";
}

constexpr Task kDetection = Task::object_detection;
constexpr Task kInstances = Task::instance_segmentation;
constexpr Task kKeypoints = Task::keypoint_detection;
constexpr Task kClasses = Task::classification;
constexpr Task kLabels = Task::multi_label_classification;
constexpr Task kSemantic = Task::semantic_segmentation;

INSTANTIATE_TEST_SUITE_P(
    Known, ArchitectureNames,
    testing::Values(Name{kDetection, "yolov5", "yolov5"}, Name{kDetection, "yolov5v2s", "yolov5"},
                    Name{kDetection, "yolov5v6x", "yolov5"}, Name{kDetection, "yolov8n", "yolov8"},
                    Name{kDetection, "yolov8", "yolov8"}, Name{kDetection, "yolov9", "yolov9"},
                    Name{kDetection, "yolov9c", "yolov9"}, Name{kDetection, "yolov10b", "yolov10"},
                    Name{kDetection, "yolov11s", "yolov11"}, Name{kDetection, "yolo11n", "yolov11"},
                    Name{kDetection, "yolo12x", "yolov12"}, Name{kDetection, "yolov12", "yolov12"},
                    Name{kDetection, "yolo26m", "yolo26"}, Name{kDetection, "yolonas", "yolonas"},
                    Name{kDetection, "yolo_nas_s", "yolonas"}, Name{kDetection, "rfdetr-nano", "rfdetr"},
                    Name{kDetection, "rfdetr-2xlarge", "rfdetr"}, Name{kDetection, "rfdetr-nas", "rfdetr"},
                    Name{kDetection, "yololite-xl", "yololite"}, Name{kDetection, "yololite-edge-n", "yololite"},
                    Name{kDetection, "yolox", "yolox"}, Name{kDetection, "yolox-tiny", "yolox"},
                    Name{kInstances, "yolov5n-seg", "yolov5"}, Name{kInstances, "yolov7s-seg", "yolov7"},
                    Name{kInstances, "yolov8n-seg", "yolov8"}, Name{kInstances, "yolo11x-seg", "yolov11"},
                    Name{kInstances, "yolo26n-seg", "yolo26"}, Name{kInstances, "yolact", "yolact"},
                    Name{kInstances, "rfdetr-seg-preview", "rfdetr"}, Name{kInstances, "rfdetr-nas-seg", "rfdetr"},
                    Name{kKeypoints, "yolov8n-pose", "yolov8"}, Name{kKeypoints, "yolo26n-pose", "yolo26"},
                    Name{kKeypoints, "rfdetr-keypoint-preview", "rfdetr"}, Name{kClasses, "yolov8n-cls", "yolov8"},
                    Name{kClasses, "resnet101", "resnet"}, Name{kClasses, "vit", "vit"},
                    Name{kLabels, "resnet18", "resnet"}, Name{kSemantic, "deeplabv3plus", "deep-lab-v3-plus"},
                    Name{kSemantic, "yolo26n-sem", "yolo26"}, Name{kSemantic, "rfdetr-sem-nano", "rfdetr"}));

INSTANTIATE_TEST_SUITE_P(
    Unknown, ArchitectureNames,
    testing::Values(Name{kDetection, "", ""}, Name{kDetection, "yolo", ""}, Name{kDetection, "yolov8q", ""},
                    Name{kDetection, "yolov8nn", ""}, Name{kDetection, "yolov8n-seg", ""},
                    Name{kDetection, "yolov8n-pose", ""}, Name{kDetection, "yolov88", ""},
                    Name{kDetection, "Yolov8", ""}, Name{kDetection, " yolov8", ""}, Name{kDetection, "yolov6", ""},
                    Name{kDetection, "yolov7", ""}, Name{kDetection, "yolact", ""}, Name{kDetection, "vit", ""},
                    Name{kDetection, "rfdetr-seg-nano", ""}, Name{kDetection, "rfdetr-", ""},
                    Name{kDetection, "yolox-2xl", ""}, Name{kDetection, "yolov1", ""}, Name{kInstances, "yolov10", ""},
                    Name{kInstances, "rfdetr-nano", ""}, Name{kKeypoints, "yolov5", ""}, Name{kClasses, "yolov5", ""},
                    Name{kLabels, "yolov8", ""}, Name{kSemantic, "yolov8", ""}));

TEST(MatchesName, ReadsBracesAsAlternatives) {
  EXPECT_TRUE(matches_name("a{,b,bc}{,c}d", "ad"));
  EXPECT_TRUE(matches_name("a{,b,bc}{,c}d", "abcd"));
  EXPECT_TRUE(matches_name("a{,b,bc}{,c}d", "abccd"));
  EXPECT_FALSE(matches_name("a{,b,bc}{,c}d", "abbd"));
  EXPECT_FALSE(matches_name("a{,b}", "abc"));
  EXPECT_FALSE(matches_name("a{b", "ab"));
}

}  // namespace
}  // namespace osprey::vision
