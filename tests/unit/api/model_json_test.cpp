#include "api/model_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/error_json.hpp"

namespace osprey::api {
namespace {

TEST(ModelsJson, HasTheReferencesKeysWithNulls) {
  const ModelEntry entry{"coco/3", vision::Task::object_detection, image::Size{640, 480}, {"/infer/object_detection"}};
  EXPECT_EQ(
      models_json(std::span(&entry, 1)),
      R"({"models":[{"model_id":"coco/3","task_type":"object-detection","batch_size":null,"input_height":480,"input_width":640,)"
      R"("vram_bytes":null,"request_aliases":[],"request_paths":["/infer/object_detection"]}],)"
      R"("total_vram_bytes":null,"gpu_memory_used":null,"gpu_memory_total":null,"torch_cuda_allocated":null,)"
      R"("torch_cuda_reserved":null,"torch_cuda_allocator_cache":null,"non_torch_gpu_memory":null})");
}

TEST(ModelsJson, TellsMultiLabelAsClassificationAndOpenSizesAsNull) {
  const ModelEntry entry{"m/1", vision::Task::multi_label_classification, std::nullopt, {}};
  const auto json = nlohmann::json::parse(models_json(std::span(&entry, 1)));
  EXPECT_EQ(json["models"][0]["task_type"], "classification");
  EXPECT_TRUE(json["models"][0]["input_height"].is_null());
}

TEST(ModelsJson, TellsWhatAnAliasStandsFor) {
  ModelEntry entry{"yolov8n-640", vision::Task::object_detection, std::nullopt, {}};
  entry.request_aliases = {"coco/3"};
  const auto json = nlohmann::json::parse(models_json(std::span(&entry, 1)));
  EXPECT_EQ(json["models"][0]["request_aliases"], nlohmann::json{"coco/3"});
}

TEST(InfoJson, HasWhatTheStockClientNeeds) {
  EXPECT_EQ(info_json("1.2", "u"), R"({"name":"Osprey Inference Server","version":"1.2","uuid":"u"})");
}

TEST(ErrorJson, WritesProblemsAsDetail) {
  const Problems problems{{"json_invalid", {"body", std::int64_t{13}}, "JSON decode error", "{}", R"({"error":"e"})"}};
  EXPECT_EQ(
      problems_json(problems),
      R"({"detail":[{"type":"json_invalid","loc":["body",13],"msg":"JSON decode error","input":{},"ctx":{"error":"e"}}]})");
}

TEST(ErrorJson, MapsCodesToStatuses) {
  EXPECT_EQ(http_status(Code::invalid_argument), 400);
  EXPECT_EQ(http_status(Code::not_found), 404);
  EXPECT_EQ(http_status(Code::payload_too_large), 413);
  EXPECT_EQ(http_status(Code::overloaded), 503);
  EXPECT_EQ(http_status(Code::data_corrupted), 500);
}

}  // namespace
}  // namespace osprey::api
