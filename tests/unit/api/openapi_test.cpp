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
  for (const auto& parameter : document["paths"]["/{project}/{version}"]["post"]["parameters"])
    named.insert(parameter["name"]);
  for (const auto& rule : field_rules()) {
    if (rule.query_name.empty()) continue;
    EXPECT_TRUE(named.contains(std::string(rule.query_name))) << rule.query_name;
  }
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
