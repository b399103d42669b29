#include "registry/aliases.hpp"

#include <gtest/gtest.h>

namespace osprey::registry {
namespace {

TEST(Aliases, StandForPublicModels) {
  const std::pair<std::string_view, std::string_view> kSome[] = {
      {"yolov8n-640", "coco/3"},
      {"yolov8x-1280", "coco/13"},
      {"yolov8s-seg-640", "coco-dataset-vdnr1/4"},
      {"yolov8x-seg-1280", "coco-dataset-vdnr1/11"},
      {"yolov8x-pose-1280", "coco-pose-detection/6"},
      {"yolo-nas-m-640", "coco/15"},
      {"yolov10b-640", "coco/22"},
      {"yolov11x-1280", "coco/34"},
      {"yolov11n-seg-640", "coco-dataset-vdnr1/19"},
      {"yolo26x-seg-640", "coco-dataset-vdnr1/34"},
      {"yolo26n-pose-640", "coco-pose-detection/12"},
      {"yolo26m-sem-1024", "yolo26-pretrains/yolo26m-sem"},
      {"rfdetr-base", "coco/36"},
      {"rfdetr-large", "coco/50"},
      {"rfdetr-seg-nano", "coco-dataset-vdnr1/41"},
      {"rfdetr-keypoint-preview", "microsoft/coco-pose-detection-17-rfdetr-keypoint-preview-t1"},
      {"resnet101", "classifiers/4"},
  };
  for (const auto& [alias, id] : kSome) EXPECT_EQ(resolve_alias(alias), id) << alias;
}

TEST(Aliases, HaveTwoSpellings) {
  for (const char* size : {"n-640", "s-1280", "m-seg-640", "x-640"}) {
    EXPECT_EQ(resolve_alias("yolo11" + std::string(size)), resolve_alias("yolov11" + std::string(size)));
    EXPECT_NE(resolve_alias("yolo11" + std::string(size)), "yolo11" + std::string(size));
  }
  EXPECT_EQ(resolve_alias("yolov26n-depth-768"), "yolo26-pretrains/yolo26n-depth");
  EXPECT_EQ(resolve_alias("yolo26n-depth-768"), "yolo26-pretrains/yolo26n-depth");
}

TEST(Aliases, OtherIdsAreThemselves) {
  for (const char* id : {"coco/3", "yolov8n", "yolov8n-640/1", "zzz", "", "YOLOV8N-640"}) {
    EXPECT_EQ(resolve_alias(id), id);
  }
}

}  // namespace
}  // namespace osprey::registry
