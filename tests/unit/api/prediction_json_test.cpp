#include "api/prediction_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace osprey::api {
namespace {

using Json = nlohmann::ordered_json;

Json written(const vision::Prediction& prediction, const vision::FamilyConfig& config,
             vision::MaskFormat format = vision::MaskFormat::polygon, std::span<const std::byte> picture = {}) {
  JsonWriter json;
  EXPECT_TRUE(write_prediction(
      {"the-id", 0.25, {"a/1", "p", "fake", "fp32"}, config, {640, 480}, prediction, format, picture}, json));
  return Json::parse(std::move(json).take());
}

vision::FamilyConfig fruits() {
  vision::FamilyConfig config;
  config.class_names = {"apple", "pear"};
  return config;
}

TEST(DetectionJson, HasTheReferencesKeysInOrder) {
  const vision::ObjectDetections found{{{{10, 20, 31, 40}, 0.9F, 1}}};
  auto json = written(found, fruits());
  json["predictions"][0]["detection_id"] = "d";
  EXPECT_EQ(
      json.dump(),
      R"({"inference_id":"the-id","time":0.25,"resolved_model":{"model_id":"a/1","model_package_id":"p","backend":"fake",)"
      R"("quantization":"fp32"},"image":{"width":640,"height":480},"predictions":[{"x":20.5,"y":30.0,"width":21.0,"height":20.0,)"
      R"("confidence":0.8999999761581421,"class":"pear","class_id":1,"detection_id":"d"}]})");
}

TEST(DetectionJson, NamesAClassBeyondTheListByItsNumber) {
  const vision::ObjectDetections found{{{{0, 0, 1, 1}, 0.5F, 7}}};
  EXPECT_EQ(written(found, fruits())["predictions"][0]["class"], "7");
}

TEST(DetectionJson, PutsAPictureFirst) {
  const std::byte picture[] = {std::byte{0xFF}, std::byte{0xD8}, std::byte{0}};
  const auto json = written(vision::ObjectDetections{}, fruits(), vision::MaskFormat::polygon, picture);
  EXPECT_EQ(json.begin().key(), "visualization");
  EXPECT_EQ(json["visualization"], "/9gA");
}

vision::InstanceSegments square() {
  vision::InstanceSegments found;
  found.canvas = {640, 480};
  found.instances.push_back({{{2, 3, 4, 5}, 0.5F, 0}, {2, 3, {2, 2}, {1, 1, 1, 1}}});
  return found;
}

TEST(SegmentationJson, WritesPolygonsOrRunLengths) {
  const auto polygon = written(square(), fruits())["predictions"][0];
  EXPECT_EQ(polygon["mask_format"], "polygon");
  EXPECT_EQ(polygon["points"].size(), 4U);
  EXPECT_FALSE(polygon.contains("rle"));
  const auto rle = written(square(), fruits(), vision::MaskFormat::rle)["predictions"][0];
  EXPECT_EQ(rle["mask_format"], "rle");
  EXPECT_EQ(rle["rle"]["size"], Json::parse("[480,640]"));
  EXPECT_TRUE(rle["rle"]["counts"].is_string());
  EXPECT_FALSE(rle.contains("points"));
}

TEST(SegmentationJson, TellsAReducedGrid) {
  auto found = square();
  found.reduced = true;
  found.canvas = {160, 120};
  const auto json = written(found, fruits());
  EXPECT_EQ(json["image"], Json::parse(R"({"width":160,"height":120})"));
  EXPECT_EQ(json["original_image"], Json::parse(R"({"width":640,"height":480})"));
  EXPECT_EQ(json["mask_metadata"].dump(),
            R"({"coordinate_system":"mask_grid","width":160,"height":120,"scale_x":4.0,"scale_y":4.0})");
}

TEST(KeypointJson, NamesSlotsByTheSkeleton) {
  auto config = fruits();
  config.skeletons = {{{"stem", "tip"}}};
  const vision::Poses found{{{{{0, 0, 2, 2}, 0.5F, 0}, {{1, 2, 0.75F, 1}}}}};
  EXPECT_EQ(written(found, config)["predictions"][0]["keypoints"].dump(),
            R"([{"x":1.0,"y":2.0,"confidence":0.75,"class_id":1,"class":"tip"}])");
}

TEST(ClassificationJson, TellsTheBestAsTop) {
  const vision::Classification found{{{1, 0.75}, {0, 0.25}}};
  const auto json = written(found, fruits());
  EXPECT_EQ(json["predictions"][0].dump(), R"({"class":"pear","class_id":1,"confidence":0.75})");
  EXPECT_EQ(json["top"], "pear");
  EXPECT_EQ(json["confidence"], 0.75);
}

TEST(ClassificationJson, HasAnEmptyTopWhenNothingPassed) {
  const auto json = written(vision::Classification{}, fruits());
  EXPECT_EQ(json["top"], "");
  EXPECT_EQ(json["confidence"].dump(), "0.0");
}

TEST(MultiLabelJson, ListsEveryClassAndThosePredicted) {
  const auto json = written(vision::MultiLabelClassification{{0.5F, 0.25F}, {0}}, fruits());
  EXPECT_EQ(json["predictions"].dump(),
            R"({"apple":{"confidence":0.5,"class_id":0},"pear":{"confidence":0.25,"class_id":1}})");
  EXPECT_EQ(json["predicted_classes"].dump(), R"(["apple"])");
}

TEST(SemanticJson, HasMasksAndTheClassesThatArePresent) {
  const auto json = written(vision::SemanticMap{{2, 1}, {1, 0}, {255, 0}}, fruits());
  EXPECT_EQ(json["predictions"]["present_class_ids"].dump(), "[0,1]");
  EXPECT_EQ(json["predictions"]["class_map"].dump(), R"({"0":"apple","1":"pear"})");
  EXPECT_EQ(json["predictions"]["segmentation_mask"].get<std::string>().substr(0, 8), "iVBORw0K") << "a PNG in base64";
}

}  // namespace
}  // namespace osprey::api
