// An image's predictions do not depend on its neighbours in the batch.
#include <gtest/gtest.h>

#include "network_outputs.hpp"

namespace osprey::vision {
namespace {

struct Case {
  std::string name;
  FamilyConfig config;
  std::vector<Shape> shapes;  ///< without the batch dimension
};

std::vector<Case> cases() {
  FamilyConfig fused = detector("yolov8");
  fused.fused = true;
  FamilyConfig yolox = detector("yolox");
  yolox.network = {64, 32};
  FamilyConfig pose = config_for(Task::keypoint_detection, "yolov8", {"cat", "dog"});
  pose.skeletons = {{{"nose"}}, {{"nose", "tail"}}};
  FamilyConfig pose26 = pose;
  pose26.architecture = "yolo26";
  FamilyConfig rfdetr_pose = pose;
  rfdetr_pose.architecture = "rfdetr";
  return {{"yolov8", detector("yolov8"), {{6, 40}}},
          {"fused", fused, {{20, 6}}},
          {"yolov10", detector("yolov10"), {{20, 6}}},
          {"yolo26", detector("yolo26"), {{20, 6}}},
          {"yolov5", detector("yolov5"), {{40, 7}}},
          {"yolonas", detector("yolonas"), {{40, 4}, {40, 2}}},
          {"yololite", detector("yololite"), {{40, 4}, {40, 1}, {40, 2}}},
          {"yolox", yolox, {{42, 7}}},
          {"rfdetr", detector("rfdetr"), {{20, 4}, {20, 3}}},
          {"yolov8 pose", pose, {{12, 40}}},
          {"yolo26 pose", pose26, {{20, 12}}},
          {"rfdetr pose", rfdetr_pose, {{20, 4}, {20, 2}, {20, 4, 8}}}};
}

std::string text(const Prediction& prediction) {
  std::string result;
  const auto add = [&](const Detection& detection) {
    for (const float value : {detection.box.x1, detection.box.y1, detection.box.x2, detection.box.y2,
                              detection.confidence, static_cast<float>(detection.class_id)}) {
      result += std::to_string(value) + " ";
    }
  };
  if (const auto* found = std::get_if<ObjectDetections>(&prediction)) {
    for (const Detection& detection : found->detections) add(detection);
  } else if (const auto* poses = std::get_if<Poses>(&prediction)) {
    for (const Pose& pose : poses->poses) {
      add(pose.detection);
      for (const Keypoint& keypoint : pose.keypoints) {
        result += std::to_string(keypoint.x) + "," + std::to_string(keypoint.y) + "," +
                  std::to_string(keypoint.confidence) + "," + std::to_string(keypoint.slot) + " ";
      }
    }
  }
  return result;
}

TEST(Batch, EqualsItsSingles) {
  constexpr std::int64_t kImages = 3;
  for (const auto& [name, config, shapes] : cases()) {
    const auto family = made(config);
    unsigned state = 7;
    std::vector<Output> batch;
    std::vector<std::vector<Output>> singles(kImages);
    for (const Shape& shape : shapes) {
      Shape batch_shape{kImages};
      batch_shape.insert(batch_shape.end(), shape.begin(), shape.end());
      Shape single_shape = batch_shape;
      single_shape[0] = 1;
      Output whole{batch_shape, std::vector<float>(element_count(batch_shape))};
      for (float& value : whole.values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8) / static_cast<float>(1U << 24);
      }
      const std::size_t size = whole.values.size() / kImages;
      for (std::size_t i = 0; i < kImages; ++i) {
        const auto start = whole.values.begin() + static_cast<std::ptrdiff_t>(i * size);
        singles[i].push_back({single_shape, {start, start + static_cast<std::ptrdiff_t>(size)}});
      }
      batch.push_back(std::move(whole));
    }
    // Random values of 0..1: in pixels everything is near the origin, so the boxes are taken as they are.
    Geometry geometry = same_size(64, 32);
    geometry.scale_w = geometry.scale_h = 1.0F / 64;
    std::string all;
    for (std::size_t i = 0; i < kImages; ++i) {
      const auto together = family->decode(views(batch), i, geometry, with_confidence(0.3F));
      const auto alone = family->decode(views(singles[i]), 0, geometry, with_confidence(0.3F));
      ASSERT_TRUE(together && alone) << name;
      EXPECT_EQ(text(*together), text(*alone)) << name;
      EXPECT_FALSE(text(*alone).empty()) << name << " finds nothing, so this says nothing";
      EXPECT_NE(all, text(*alone)) << name << " finds the same in every image";
      all = text(*alone);
    }
    EXPECT_FALSE(family->decode(views(batch), kImages, geometry, {})) << name;
  }
}

}  // namespace
}  // namespace osprey::vision
