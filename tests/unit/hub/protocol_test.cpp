// What the answers of both protocols say, and what is passed over.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "hub/json_text.hpp"
#include "hub/newer_protocol.hpp"
#include "hub/older_protocol.hpp"

namespace osprey::hub {
namespace {

using nlohmann::json;

constexpr const char* kHash = "d41d8cd98f00b204e9800998ecf8427e";

json file(const std::string& name) {
  return {{"fileHandle", name}, {"downloadUrl", "https://files.example/" + name + "?sig=x"}, {"md5Hash", kHash}};
}

json package() {
  return {{"type", "external-model-package-v1"},
          {"packageId", "abc"},
          {"trustedSource", true},
          {"packageManifest",
           {{"type", "onnx-model-package-v1"},
            {"backendType", "onnx"},
            {"quantization", "FP32"},
            {"opset", 17},
            {"dynamicBatchSize", true}}},
          {"packageFiles", {file("weights.onnx"), file("class_names.txt")}}};
}

json page(json packages) {
  return {{"modelMetadata",
           {{"modelId", "parts/1"},
            {"modelArchitecture", "yolov8"},
            {"taskType", "object-detection"},
            {"modelPackages", std::move(packages)}}}};
}

/// What is left of a page with one package that was changed.
WeightsPage changed(const std::function<void(json&)>& change) {
  json one = package();
  change(one);
  auto parsed = parse_weights(page(json::array({one, package()})).dump());
  EXPECT_TRUE(parsed);
  return parsed ? *parsed : WeightsPage();
}

TEST(NewerProtocol, ReadsAPackage) {
  json one = package();
  one["packageManifest"] = {{"type", "onnx-model-package-v1"},
                            {"staticBatchSize", 4},
                            {"quantization", "int8"},
                            {"incompatibleProviders", {"CPUExecutionProvider"}}};
  one["modelFeatures"] = {{"nmsFused", {{"max_detections", 300}}}};
  one["recommendedParameters"] = {{"confidence", 0.4}, {"perClassConfidence", {{"bolt", 0.3}, {"nut", 7}}}};
  one["packageFiles"][0]["md5Hash"] = "D41D8CD98F00B204E9800998ECF8427E";
  json whole = page(json::array({one}));
  whole["modelMetadata"]["nextPage"] = "cursor";
  whole["modelMetadata"]["recommendedParameters"] = {{"confidence", 0.2}};
  const auto parsed = parse_weights(whole.dump());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->next_page, "cursor");
  EXPECT_EQ(parsed->type.architecture, "yolov8");
  EXPECT_EQ(parsed->recommended.confidence, 0.2);
  ASSERT_EQ(parsed->packages.size(), 1U);
  const RemotePackage& read = parsed->packages[0];
  EXPECT_EQ(read.id, "abc");
  EXPECT_TRUE(read.trusted);
  EXPECT_EQ(read.quantization, "int8");
  EXPECT_FALSE(read.dynamic_batch);
  EXPECT_EQ(read.static_batch, 4);
  EXPECT_TRUE(read.fused_nms);
  EXPECT_TRUE(read.incompatible_providers.contains("CPUExecutionProvider"));
  EXPECT_EQ(read.recommended.confidence, 0.4);
  EXPECT_EQ(read.recommended.per_class.size(), 1U);  // 7 is no confidence
  ASSERT_EQ(read.files.size(), 2U);
  EXPECT_EQ(read.files[0].md5, kHash);
  EXPECT_EQ(read.files[0].url, "https://files.example/weights.onnx?sig=x");
}

TEST(NewerProtocol, PassesOverWhatItCannotRead) {
  const std::vector<std::function<void(json&)>> changes{
      [](json& p) { p = 5; },
      [](json& p) { p.erase("packageId"); },
      [](json& p) { p["packageId"] = "../../etc"; },
      [](json& p) { p["packageId"] = std::string(256, 'a'); },
      [](json& p) { p.erase("packageManifest"); },
      [](json& p) { p["packageManifest"].erase("type"); },
      [](json& p) { p["packageManifest"]["staticBatchSize"] = 1; },  // and an open batch
      [](json& p) { p["packageManifest"]["dynamicBatchSize"] = false; },
      [](json& p) {
        p["packageManifest"]["dynamicBatchSize"] = false;
        p["packageManifest"]["staticBatchSize"] = 0;
      },
      [](json& p) { p.erase("packageFiles"); },
      [](json& p) { p["packageFiles"] = json::array(); },
      [](json& p) { p["packageFiles"] = json::array({file("class_names.txt")}); },
      [](json& p) { p["packageFiles"][1]["fileHandle"] = "../class_names.txt"; },
      [](json& p) { p["packageFiles"][1]["fileHandle"] = ".lock"; },
      [](json& p) { p["packageFiles"][1]["fileHandle"] = "sub/class_names.txt"; },
      [](json& p) { p["packageFiles"][1]["fileHandle"] = "Weights.onnx"; },  // one file where names have no case
      [](json& p) { p["packageFiles"][1]["fileHandle"] = 7; },
      [](json& p) { p["packageFiles"][1]["downloadUrl"] = "file:///etc/passwd"; },
      [](json& p) { p["packageFiles"][1]["downloadUrl"] = "https://a/" + std::string(9000, 'a'); },
      [](json& p) { p["packageFiles"][1]["md5Hash"] = "abc"; },
      [](json& p) { p["packageFiles"].insert(p["packageFiles"].end(), 100, file("x")); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const WeightsPage left = changed(changes[i]);
    EXPECT_EQ(left.packages.size(), 1U) << i;
    EXPECT_EQ(left.skipped.size(), 1U) << i;
    EXPECT_EQ(left.offered, 2U) << i;
  }
}

TEST(NewerProtocol, PassesOverOtherBackendsWithoutAWord) {
  for (const char* type : {"trt-model-package-v1", "torch-model-package-v1", "oak-model-package-v1", "new-thing-v9"}) {
    const WeightsPage left = changed([&](json& p) { p["packageManifest"] = {{"type", type}}; });
    EXPECT_EQ(left.packages.size(), 1U);
    EXPECT_TRUE(left.skipped.empty()) << type;
  }
}

TEST(NewerProtocol, KeepsAFileWithoutAHashForTheChoiceToRefuse) {
  const WeightsPage left = changed([](json& p) { p["packageFiles"][1].erase("md5Hash"); });
  ASSERT_EQ(left.packages.size(), 2U);
  EXPECT_EQ(left.packages[0].files[1].md5, "");
}

TEST(NewerProtocol, TakesTheReferencesArchitectureWhereThereIsNone) {
  const auto architecture = [](const char* task, const json& named) {
    const auto type = parse_stat(json{{"modelMetadata", {{"taskType", task}, {"modelArchitecture", named}}}}.dump());
    return type ? type->architecture : "none";
  };
  EXPECT_EQ(architecture("object-detection", nullptr), "yolov5v2s");
  EXPECT_EQ(architecture("instance-segmentation", "ort"), "yolact");
  EXPECT_EQ(architecture("classification", nullptr), "vit");
  EXPECT_EQ(architecture("keypoint-detection", "ort"), "yolov8n");
  EXPECT_EQ(architecture("object-detection", "rfdetr"), "rfdetr");
}

TEST(NewerProtocol, RefusesWhatIsNoAnswer) {
  for (const char* text : {"", "null", "[]", "{", "{}", R"({"modelMetadata": 5})", R"({"modelMetadata": {}})",
                           R"({"modelMetadata": {"modelPackages": {}}})"}) {
    EXPECT_FALSE(parse_weights(text)) << text;
    EXPECT_FALSE(parse_stat(text)) << text;
  }
  EXPECT_FALSE(parse_weights(page(json(kMaxPackages + 1, package())).dump()));
}

TEST(JsonText, IsReadUnderLimits) {
  EXPECT_TRUE(parse_json_object(R"({"a": "[[[[{{{{\"[["})"));
  EXPECT_FALSE(parse_json_object(R"({"a": )" + std::string(100'000, '[')));
  EXPECT_FALSE(parse_json_object(R"({"a": )" + std::string(65, '[') + std::string(65, ']') + "}"));
  EXPECT_TRUE(parse_json_object(R"({"a": )" + std::string(60, '[') + std::string(60, ']') + "}"));
  EXPECT_FALSE(parse_json_object("{\"a\": \"" + std::string(kMaxJsonBytes, 'x') + "\"}"));
  EXPECT_FALSE(parse_json_object("{\"a\": \"\xFF\"}"));
}

json ort() {
  return {{"type", "object-detection"},
          {"modelType", "yolov8n"},
          {"model", "https://files.example/w.onnx"},
          {"environment", "https://files.example/e.json"},
          {"classes", {"bolt", "nut"}},
          {"colors", {{"bolt", "#112233"}}},
          {"keypoints_metadata", json::array({{{"object_class_id", 0}}})}};
}

TEST(OlderProtocol, BecomesThePackagesFiles) {
  const auto model = parse_ort(json{{"ort", ort()}}.dump());
  ASSERT_TRUE(model);
  EXPECT_EQ(model->model_url, "https://files.example/w.onnx");
  EXPECT_EQ(model->environment_url, "https://files.example/e.json");
  const auto files = make_older_files(*model, R"({"CLASS_MAP": {"0": "bolt"}})");
  ASSERT_TRUE(files);
  EXPECT_EQ(files->at("class_names.txt"), "bolt\nnut\n");
  EXPECT_EQ(json::parse(files->at("environment.json"))["COLORS"]["bolt"], "#112233");
  EXPECT_EQ(json::parse(files->at("environment.json"))["CLASS_MAP"]["0"], "bolt");
  EXPECT_EQ(json::parse(files->at("model_type.json")),
            (json{{"project_task_type", "object-detection"}, {"model_type", "yolov8n"}}));
  EXPECT_EQ(json::parse(files->at("keypoints_metadata.json"))[0]["object_class_id"], 0);
}

TEST(OlderProtocol, TakesAClassifiersClassesFromItsMap) {
  json answer = ort();
  answer["type"] = "classification";
  const auto model = parse_ort(json{{"ort", answer}}.dump());
  ASSERT_TRUE(model);
  EXPECT_FALSE(make_older_files(*model, R"({"CLASS_MAP": {"0": "nut"}})")->contains("class_names.txt"));
  EXPECT_TRUE(make_older_files(*model, "{}")->contains("class_names.txt"));
}

TEST(OlderProtocol, ReadsAModelWithoutAVersion) {
  const auto model = parse_get_weights(json{
      {"taskType", "classification"},
      {"modelType", "vit"},
      {"modelFiles", {{"ort", {{"model", "https://files.example/w"}}}}},
      {"environment",
       {{"RESOLUTION", 224}}}}.dump());
  ASSERT_TRUE(model);
  EXPECT_EQ(model->type.architecture, "vit");
  EXPECT_EQ(json::parse(model->environment)["RESOLUTION"], 224);
}

TEST(OlderProtocol, RefusesWhatIsNoAnswer) {
  const std::vector<std::function<void(json&)>> changes{
      [](json& o) { o.erase("type"); },
      [](json& o) { o["model"] = "file:///etc/passwd"; },
      [](json& o) { o.erase("model"); },
      [](json& o) { o.erase("environment"); },
      [](json& o) { o["environment"] = "ftp://x/y"; },
      [](json& o) { o["classes"] = {1, 2}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    json answer = ort();
    changes[i](answer);
    EXPECT_FALSE(parse_ort(json{{"ort", answer}}.dump())) << i;
  }
  json answer = ort();
  answer["classes"] = {"a\nb"};
  const auto model = parse_ort(json{{"ort", answer}}.dump());
  ASSERT_TRUE(model);
  EXPECT_FALSE(make_older_files(*model, "{}"));
  EXPECT_FALSE(make_older_files(*model, "no json"));
}

}  // namespace
}  // namespace osprey::hub
