#include "api/openapi.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/field_rules.hpp"

namespace osprey::api {
namespace {

using Json = nlohmann::ordered_json;

class OpenApiTest : public testing::Test {
 protected:
  Json document = Json::parse(openapi_json("1.2.3", "fruit/1"));
  const Json& body_properties(const char* path) {
    return document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"];
  }
};

TEST_F(OpenApiTest, NamesItsVersionAndAModelThatIsThere) {
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2.3");
  EXPECT_EQ(document["paths"]["/infer/classification"]["post"]["requestBody"]["content"]["application/json"]["example"]
                    ["model_id"],
            "fruit/1");
}

TEST_F(OpenApiTest, DescribesEveryFieldThatItsRouteReads) {
  constexpr std::pair<const char*, Route> kRoutes[] = {{"/infer/object_detection", Route::object_detection},
                                                       {"/infer/instance_segmentation", Route::instance_segmentation},
                                                       {"/infer/keypoints_detection", Route::keypoints_detection},
                                                       {"/infer/classification", Route::classification},
                                                       {"/infer/semantic_segmentation", Route::semantic_segmentation}};
  for (const auto& [path, route] : kRoutes) {
    std::size_t fields = 3;  // model_id, image, id
    for (const auto& rule : field_rules()) {
      if (rule.body_name.empty() || (rule.routes & route_bit(route)) == 0) continue;
      ++fields;
      EXPECT_TRUE(body_properties(path).contains(rule.body_name)) << path << " " << rule.body_name;
    }
    EXPECT_EQ(body_properties(path).size(), fields) << path;
  }
}

TEST_F(OpenApiTest, DescribesEveryQueryParameter) {
  std::set<std::string> named;
  const auto& path = document["paths"]["/{dataset_id}/{version_id}"];
  for (const auto* parameters : {&path["parameters"], &path["post"]["parameters"]}) {
    for (const auto& parameter : *parameters) named.insert(parameter["name"]);
  }
  EXPECT_TRUE(named.contains("image") && named.contains("image_type"));
  for (const auto& rule : field_rules()) {
    if (rule.query_name.empty()) continue;
    EXPECT_TRUE(named.contains(std::string(rule.query_name))) << rule.query_name;
  }
}

TEST_F(OpenApiTest, NamesEveryRouteOfTheServer) {
  for (const char* path : {"/infer/object_detection",
                           "/infer/instance_segmentation",
                           "/infer/classification",
                           "/infer/keypoints_detection",
                           "/infer/semantic_segmentation",
                           "/{dataset_id}/{version_id}",
                           "/model/registry",
                           "/model/add",
                           "/model/remove",
                           "/model/clear",
                           "/clear_cache",
                           "/start/{dataset_id}/{version_id}",
                           "/models",
                           "/models/{dataset_id}/{version_id}",
                           "/info",
                           "/healthz",
                           "/readiness",
                           "/metrics",
                           "/logs",
                           "/device/stats"}) {
    EXPECT_TRUE(document["paths"].contains(path)) << path;
  }
}

TEST_F(OpenApiTest, SplitsTheExampleModelIntoTheParametersOfAPath) {
  const auto& parameters = document["paths"]["/start/{dataset_id}/{version_id}"]["parameters"];
  EXPECT_EQ(parameters[0]["example"], "fruit");
  EXPECT_EQ(parameters[1]["example"], "1");
}

TEST_F(OpenApiTest, SaysWhatElseStandsForANumberInABodyAndNotInAQuery) {
  EXPECT_EQ(body_properties("/infer/object_detection")["max_detections"]["anyOf"][0]["$ref"],
            "#/components/schemas/Integer");
  for (const auto& parameter : document["paths"]["/{dataset_id}/{version_id}"]["parameters"]) {
    if (parameter["name"] == "max_detections") {
      EXPECT_EQ(parameter["schema"]["type"], "integer");
    }
    if (parameter["name"] == "labels") {
      EXPECT_EQ(parameter["schema"]["$ref"], "#/components/schemas/Boolean");
    }
  }
}

TEST_F(OpenApiTest, AsksForAKeyOnlyWhereTheServerDoes) {
  EXPECT_EQ(document["security"].dump(), R"([{},{"BearerKey":[]}])");
  const auto closed = Json::parse(openapi_json("1.2.3", "fruit/1", true));
  EXPECT_EQ(closed["security"].dump(), R"([{"BearerKey":[]}])");
  for (const char* path : {"/info", "/healthz", "/readiness", "/metrics"})
    EXPECT_EQ(closed["paths"][path]["get"]["security"].dump(), "[]") << path;
  EXPECT_FALSE(closed["paths"]["/model/registry"]["get"].contains("security"));
  EXPECT_TRUE(closed["paths"]["/model/registry"]["get"]["responses"].contains("401"));
}

/// Every "$ref" below `node`.
void collect_references(const Json& node, std::vector<std::string>& references) {
  if (node.is_object() && node.contains("$ref")) references.push_back(node["$ref"]);
  for (const auto& child : node) {
    if (child.is_structured()) collect_references(child, references);
  }
}

TEST_F(OpenApiTest, RefersOnlyToSchemasThatItHas) {
  std::vector<std::string> references;
  collect_references(document, references);
  EXPECT_GT(references.size(), 20U);
  for (const auto& reference : references)
    EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
}

}  // namespace
}  // namespace osprey::api
