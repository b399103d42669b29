#include <osprey/client/request.hpp>

#include <array>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace osprey::client {
namespace {

using Json = nlohmann::json;

Json body_of(const InferOptions& options, std::string_view key = {}) {
  const auto image = Image::from_url("u");
  const auto request = make_request({&image, 1}, "a/1", Task::object_detection, options, key);
  EXPECT_TRUE(request);
  return request ? Json::parse(request.value().body) : Json();
}

TEST(Request, WithoutOptionsOnlyTheModelAndTheImageAreSent) {
  EXPECT_EQ(body_of({}), (Json{{"model_id", "a/1"}, {"image", {{"type", "url"}, {"value", "u"}}}}));
}

TEST(Request, OptionsHaveTheWiresNames) {
  InferOptions options;
  options.confidence = 0.25;
  options.iou_threshold = 0.5;
  options.class_agnostic_nms = true;
  options.class_filter = {"cat", "\"dog\""};
  options.max_detections = 5;
  options.max_candidates = 6;
  options.keypoint_confidence = 0.75;
  options.mask_format = MaskFormat::rle;
  options.allow_reduced_mask_resolution = true;
  options.mask_decode_mode = "tradeoff";
  options.tradeoff_factor = 0.5;
  options.visualize = true;
  options.visualize_labels = true;
  options.stroke_width = 3;
  options.disable_auto_orientation = true;
  options.disable_contrast = true;
  options.disable_grayscale = true;
  options.disable_static_crop = false;
  options.id = "mine";
  EXPECT_EQ(body_of(options, "key"), Json::parse(R"({
    "model_id": "a/1", "api_key": "key", "id": "mine", "confidence": 0.25, "iou_threshold": 0.5, "class_agnostic_nms": true,
    "class_filter": ["cat", "\"dog\""], "max_detections": 5, "max_candidates": 6, "keypoint_confidence": 0.75,
    "response_mask_format": "rle", "allow_reduced_mask_resolution": true, "mask_decode_mode": "tradeoff",
    "tradeoff_factor": 0.5, "visualize_predictions": true, "visualization_labels": true, "visualization_stroke_width": 3,
    "disable_preproc_auto_orient": true, "disable_preproc_contrast": true, "disable_preproc_grayscale": true,
    "disable_preproc_static_crop": false, "image": {"type": "url", "value": "u"}})"));
}

TEST(Request, AConfidenceMayBeAWord) {
  InferOptions options;
  options.confidence_choice = ConfidenceChoice::best;
  EXPECT_EQ(body_of(options)["confidence"], "best");
  options.confidence_choice = ConfidenceChoice::model_default;
  EXPECT_EQ(body_of(options)["confidence"], "default");
}

TEST(Request, SeveralImagesAreAList) {
  const std::array images{Image::from_url("u"), Image::from_url("v")};
  const auto request = make_request(images, "a/1", Task::keypoint_detection, {});
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().path, "/infer/keypoints_detection");
  EXPECT_EQ(request.value().images, 2U);
  EXPECT_EQ(Json::parse(request.value().body)["image"][1]["value"], "v");
}

TEST(Request, ThereHasToBeAnImage) {
  const auto request = make_request({}, "a/1", Task::classification, {});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().kind, ErrorKind::invalid_argument);
}

TEST(Request, TasksHaveTheServersNames) {
  EXPECT_EQ(task_of("instance-segmentation"), Task::instance_segmentation);
  EXPECT_EQ(task_of("multi-label-classification"), Task::classification);
  EXPECT_EQ(task_of("semantic-segmentation"), Task::semantic_segmentation);
  EXPECT_EQ(task_of("gaze"), std::nullopt);
}

}  // namespace
}  // namespace osprey::client
