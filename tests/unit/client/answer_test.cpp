// Answers as servers give them; the shapes are those of the API's description.
#include <osprey/client/request.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Prediction read_one(const std::string& body) {
  auto predictions = read_answer(200, body, 1);
  EXPECT_TRUE(predictions) << predictions.error().message;
  return predictions ? std::move(predictions->front()) : Prediction();
}

Error read_error(int status, const std::string& body, std::size_t images = 1) {
  const auto predictions = read_answer(status, body, images);
  EXPECT_FALSE(predictions);
  return predictions ? Error() : predictions.error();
}

TEST(Answer, ObjectsHaveBoxesAndClasses) {
  const std::string body =
      R"({"inference_id":"id","time":0.25,"resolved_model":{"model_id":"a/1","backend":"openvino"},)"
      R"("image":{"width":640,"height":480},"predictions":[{"x":10.5,"y":20,"width":3,"height":4,)"
      R"("confidence":0.75,"class":"c\u00e4t","class_id":2,"detection_id":"d"}],"unknown":[{"x":[1]}]})";
  const auto found = read_one(body);
  EXPECT_EQ(found.inference_id, "id");
  EXPECT_EQ(found.model_id, "a/1");
  EXPECT_EQ(found.seconds, 0.25);
  EXPECT_EQ(found.width, 640);
  EXPECT_EQ(found.height, 480);
  EXPECT_EQ(found.json, body);
  EXPECT_FALSE(found.classification);
  ASSERT_EQ(found.detections.size(), 1U);
  const auto& object = found.detections.front();
  EXPECT_EQ(object.x, 10.5);
  EXPECT_EQ(object.y, 20);
  EXPECT_EQ(object.width, 3);
  EXPECT_EQ(object.height, 4);
  EXPECT_EQ(object.confidence, 0.75);
  EXPECT_EQ(object.class_name, "cät");
  EXPECT_EQ(object.class_id, 2);
  EXPECT_EQ(object.detection_id, "d");
}

TEST(Answer, MasksAreOutlinesOrRunLengths) {
  const auto found =
      read_one(R"({"predictions":[{"x":1,"points":[{"x":1.5,"y":2},{"x":3,"y":4}],"mask_format":"polygon"},)"
               R"({"x":2,"rle":{"size":[48,64],"counts":"ab\\c"},"mask_format":"rle"}]})");
  ASSERT_EQ(found.detections.size(), 2U);
  ASSERT_EQ(found.detections[0].points.size(), 2U);
  EXPECT_EQ(found.detections[0].points[0].x, 1.5);
  EXPECT_EQ(found.detections[0].points[1].y, 4);
  ASSERT_TRUE(found.detections[1].rle);
  EXPECT_EQ(found.detections[1].rle->height, 48);
  EXPECT_EQ(found.detections[1].rle->width, 64);
  EXPECT_EQ(found.detections[1].rle->counts, "ab\\c");
}

TEST(Answer, KeypointsHaveNames) {
  const auto found =
      read_one(R"({"predictions":[{"x":1,"keypoints":[{"x":5,"y":6,"confidence":0.5,"class_id":3,"class":"nose"}]}]})");
  ASSERT_EQ(found.detections.size(), 1U);
  ASSERT_EQ(found.detections[0].keypoints.size(), 1U);
  const auto& nose = found.detections[0].keypoints[0];
  EXPECT_EQ(nose.x, 5);
  EXPECT_EQ(nose.y, 6);
  EXPECT_EQ(nose.confidence, 0.5);
  EXPECT_EQ(nose.class_id, 3);
  EXPECT_EQ(nose.class_name, "nose");
}

TEST(Answer, AClassificationIsKnownByItsTop) {
  const auto found = read_one(
      R"({"predictions":[{"class":"cat","class_id":1,"confidence":0.9},{"class":"dog","class_id":0,"confidence":0.1}],)"
      R"("top":"cat","confidence":0.9})");
  EXPECT_TRUE(found.detections.empty());
  ASSERT_TRUE(found.classification);
  EXPECT_FALSE(found.classification->multi_label);
  EXPECT_EQ(found.classification->top, "cat");
  EXPECT_EQ(found.classification->confidence, 0.9);
  ASSERT_EQ(found.classification->scores.size(), 2U);
  EXPECT_EQ(found.classification->scores[1].class_name, "dog");
  EXPECT_EQ(found.classification->scores[1].confidence, 0.1);
  // Nothing above the threshold, or no objects: only "top" tells.
  EXPECT_TRUE(read_one(R"({"predictions":[],"top":"","confidence":0.0})").classification);
  EXPECT_FALSE(read_one(R"({"predictions":[]})").classification);
}

TEST(Answer, LabelsMayBearAnyName) {
  const auto found = read_one(
      R"({"predictions":{"segmentation_mask":{"confidence":0.9,"class_id":0},"dog":{"confidence":0.2,"class_id":1}},)"
      R"("predicted_classes":["segmentation_mask"]})");
  EXPECT_FALSE(found.semantic);
  ASSERT_TRUE(found.classification);
  EXPECT_TRUE(found.classification->multi_label);
  ASSERT_EQ(found.classification->scores.size(), 2U);
  EXPECT_EQ(found.classification->scores[0].class_name, "segmentation_mask");
  EXPECT_EQ(found.classification->scores[0].confidence, 0.9);
  EXPECT_THAT(found.classification->predicted_classes, ElementsAre("segmentation_mask"));
}

TEST(Answer, AMapOfClassesIsTwoPictures) {
  const auto found = read_one(
      R"({"predictions":{"class_map":{"0":"road","7":"sky"},"segmentation_mask":"YWJj","confidence_mask":"ZA==",)"
      R"("present_class_ids":[0,7]}})");
  ASSERT_TRUE(found.semantic);
  EXPECT_EQ(found.semantic->class_ids_png.size(), 3U);
  EXPECT_EQ(found.semantic->class_ids_png[0], std::byte{'a'});
  EXPECT_EQ(found.semantic->confidences_png.size(), 1U);
  EXPECT_EQ(found.semantic->class_names.at(7), "sky");
  EXPECT_THAT(found.semantic->present_class_ids, ElementsAre(0, 7));
}

TEST(Answer, APictureComesAsBytes) {
  EXPECT_EQ(read_one(R"({"visualization":"YWJj","predictions":[]})").visualization.size(), 3U);
}

TEST(Answer, AListIsReadItemByItem) {
  const auto found = read_answer(200, R"([ {"predictions":[],"time":1} , {"predictions":[{"x":1}],"time":2} ])", 2);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found.value()[0].json, R"({"predictions":[],"time":1})");
  EXPECT_EQ(found.value()[1].seconds, 2);
  EXPECT_EQ(found.value()[1].detections.size(), 1U);
  EXPECT_THAT(read_error(200, R"([{"predictions":[]}])", 2).message, HasSubstr("1 predictions for 2 images"));
}

TEST(Answer, NullsAndOtherTypesLeaveTheDefault) {
  const auto found = read_one(
      R"({"time":null,"image":null,"predictions":[{"x":"left","class":null,"points":null,"confidence":0.5}],"id":1})");
  ASSERT_EQ(found.detections.size(), 1U);
  EXPECT_EQ(found.detections[0].x, 0);
  EXPECT_EQ(found.detections[0].confidence, 0.5);
}

TEST(Answer, WhatIsNoPredictionIsToldSo) {
  for (const std::string body : {"", "<html>", "{", R"({"predictions":[)", R"({"message":"hello"})", R"([1])",
                                 R"({"predictions":[]} x)", "3", R"({"predictions":[{"x":1]})"}) {
    EXPECT_EQ(read_error(200, body).kind, ErrorKind::bad_answer) << body;
  }
}

TEST(Answer, ErrorsTellWhatTheServerSays) {
  EXPECT_EQ(read_error(404, R"({"message":"no such model"})").kind, ErrorKind::not_found);
  EXPECT_EQ(read_error(404, R"({"message":"no such model"})").message, "no such model");
  EXPECT_EQ(read_error(404, R"({"detail":"Not Found"})").message, "Not Found");
  const auto invalid = read_error(422, R"({"detail":[{"loc":["body","image",0],"msg":"Field required"},{"msg":"b"}]})");
  EXPECT_EQ(invalid.kind, ErrorKind::rejected);
  EXPECT_EQ(invalid.http_status, 422);
  EXPECT_EQ(invalid.message, "body.image.0: Field required; b");
  EXPECT_EQ(read_error(401, "").kind, ErrorKind::unauthorized);
  EXPECT_EQ(read_error(503, "").kind, ErrorKind::overloaded);
  EXPECT_EQ(read_error(500, "<html>").message, "the server answered with status 500");
}

}  // namespace
}  // namespace osprey::client
