#include "oip/rest/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace osprey::oip {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
std::string raw(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(std::data(values)), values.size() * sizeof(T)};
}

InferAnswer answer() {
  InferAnswer answer;
  answer.model_name = "emoji";
  answer.model_version = "1";
  answer.id = "me";
  std::string text;
  append_bytes("{\"a\":\"\n\"}", text);
  answer.outputs = {{"f", DataType::fp32, {2}, raw({0.1F, 2.0F})},
                    {"i", DataType::int64, {1, 2}, raw<std::int64_t>({-1, 7})},
                    {"b", DataType::bytes, {1}, text},
                    {"o", DataType::boolean, {2}, std::string("\1\0", 2)},
                    {"e", DataType::fp32, {0, 4}, ""}};
  return answer;
}

TEST(InferAnswerBody, IsJsonWithFlatDataUnlessBinaryIsAskedFor) {
  const auto body = infer_answer_body(answer(), {});
  ASSERT_TRUE(body);
  EXPECT_FALSE(body->json_size);
  const auto json = Json::parse(body->bytes);
  EXPECT_EQ(json["model_name"], "emoji");
  EXPECT_EQ(json["model_version"], "1");
  EXPECT_EQ(json["id"], "me");
  EXPECT_EQ(json["outputs"][0].dump(), R"({"name":"f","datatype":"FP32","shape":[2],"data":[0.1,2]})");
  EXPECT_EQ(json["outputs"][1].dump(), R"({"name":"i","datatype":"INT64","shape":[1,2],"data":[-1,7]})");
  EXPECT_EQ(json["outputs"][2]["data"][0], "{\"a\":\"\n\"}");
  EXPECT_EQ(json["outputs"][3]["data"].dump(), "[true,false]");
  EXPECT_EQ(json["outputs"][4]["data"].dump(), "[]");
}

TEST(InferAnswerBody, PutsBinaryDataBehindTheJsonAndTellsItsSizes) {
  InferRequest request;
  request.outputs = {{"f", {{"binary_data", true}}}, {"i"}, {"b", {{"binary_data", true}}}, {"o"}, {"e"}};
  const auto sent = answer();
  const auto body = infer_answer_body(sent, request);
  ASSERT_TRUE(body);
  ASSERT_TRUE(body->json_size);
  const auto json = Json::parse(body->bytes.substr(0, *body->json_size));
  EXPECT_EQ(json["outputs"][0].dump(),
            R"({"name":"f","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}})");
  EXPECT_TRUE(json["outputs"][1].contains("data"));
  EXPECT_EQ(body->bytes.substr(*body->json_size), sent.outputs[0].data + sent.outputs[2].data);
}

TEST(InferAnswerBody, RefusesInJsonWhatJsonCannotTell) {
  InferAnswer nan;
  nan.outputs = {{"f", DataType::fp32, {1}, raw({std::numeric_limits<float>::quiet_NaN()})}};
  ASSERT_FALSE(infer_answer_body(nan, {}));
  EXPECT_THAT(infer_answer_body(nan, {}).error().message, testing::HasSubstr("binary_data"));
  InferRequest binary;
  binary.parameters = {{"binary_data_output", true}};
  EXPECT_TRUE(infer_answer_body(nan, binary));
}

TEST(ModelJson, TellsInputsAndOutputsAsTheProtocolAndItsConfigurationDo) {
  ModelMetadata model{"emoji.raw",
                      {"1", "2"},
                      "osprey_tensor",
                      "openvino",
                      8,
                      {{"images", DataType::fp32, {-1, 3, 32, 32}}},
                      {{"output0", DataType::fp32, {-1, 6, -1}}}};
  EXPECT_EQ(model_json(model), R"({"name":"emoji.raw","versions":["1","2"],"platform":"osprey_tensor",)"
                               R"("inputs":[{"name":"images","datatype":"FP32","shape":[-1,3,32,32]}],)"
                               R"("outputs":[{"name":"output0","datatype":"FP32","shape":[-1,6,-1]}]})");
  auto config = Json::parse(config_json(model));
  EXPECT_EQ(config["max_batch_size"], 8);
  EXPECT_EQ(config["input"][0].dump(), R"({"name":"images","data_type":"TYPE_FP32","dims":[3,32,32]})");
  model.max_batch_size = 0;
  model.inputs = {{"image", DataType::bytes, {-1}}};
  config = Json::parse(config_json(model));
  EXPECT_EQ(config["input"][0].dump(), R"({"name":"image","data_type":"TYPE_STRING","dims":[-1]})");
}

TEST(IndexJson, LeavesOutAVersionThatThereIsNot) {
  const IndexEntry index[] = {{"a", "1", IndexEntry::State::ready, ""},
                              {"b", "", IndexEntry::State::loadable, "loaded on first use"}};
  EXPECT_EQ(index_json(index), R"([{"name":"a","version":"1","state":"READY","reason":""},)"
                               R"({"name":"b","state":"UNAVAILABLE","reason":"loaded on first use"}])");
}

}  // namespace
}  // namespace osprey::oip
