#include "oip/rest/infer_body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace osprey::oip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kDepth = 32;

std::string with_input(const std::string& input) {
  return R"({"inputs":[)" + input + "]}";
}

std::string with_data(const std::string& datatype, const std::string& shape, const std::string& data) {
  return with_input(R"({"name":"x","datatype":")" + datatype + R"(","shape":)" + shape + R"(,"data":)" + data + "}");
}

std::string refusal(const std::string& body, std::optional<std::string_view> header = {}) {
  InferBody parsed(body, header, kDepth);
  return parsed.status() ? "taken" : parsed.status().error().message;
}

template <typename T>
std::vector<T> values(const InputTensor& input) {
  const auto bytes = std::get<RawData>(input.data);
  std::vector<T> all(bytes.size() / sizeof(T));
  if (!all.empty()) std::memcpy(all.data(), bytes.data(), bytes.size());
  return all;
}

template <typename T>
std::vector<T> parsed_values(const std::string& body) {
  InferBody parsed(body, {}, kDepth);
  EXPECT_TRUE(parsed.status()) << (parsed.status() ? "" : parsed.status().error().message);
  if (!parsed.status()) return {};
  return values<T>(parsed.take_request().inputs.at(0));
}

TEST(InferBody, TellsIdParametersInputsAndOutputs) {
  InferBody body(R"({"id":"me","parameters":{"confidence":0.5,"n":3,"flag":true,"text":"t","none":null},
      "inputs":[{"name":"x","shape":[2,1],"datatype":"FP32","parameters":{"a":1},"data":[1,2]}],
      "outputs":[{"name":"y","parameters":{"binary_data":true}},{"name":"z"}],"unknown":{"a":[1]}})",
                 {}, kDepth);
  ASSERT_TRUE(body.status());
  const auto request = body.take_request();
  EXPECT_EQ(request.id, "me");
  EXPECT_EQ(request.parameters,
            (Parameters{{"confidence", 0.5}, {"n", std::int64_t{3}}, {"flag", true}, {"text", std::string("t")}}));
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].name, "x");
  EXPECT_EQ(request.inputs[0].shape, (Shape{2, 1}));
  EXPECT_EQ(request.inputs[0].parameters, (Parameters{{"a", std::int64_t{1}}}));
  EXPECT_THAT(values<float>(request.inputs[0]), ElementsAre(1.0F, 2.0F));
  ASSERT_EQ(request.outputs.size(), 2U);
  EXPECT_TRUE(wants_binary(request, "y"));
  EXPECT_FALSE(wants_binary(request, "z"));
}

TEST(InferBody, AnswersInBinaryFormWhereTheRequestSaysSoForAll) {
  InferBody body(R"({"parameters":{"binary_data_output":true},
      "inputs":[{"name":"x","shape":[0],"datatype":"FP32","data":[]}],
      "outputs":[{"name":"y","parameters":{"binary_data":false}},{"name":"z"}]})",
                 {}, kDepth);
  ASSERT_TRUE(body.status());
  const auto request = body.take_request();
  EXPECT_FALSE(wants_binary(request, "y"));
  EXPECT_TRUE(wants_binary(request, "z"));
  EXPECT_TRUE(wants_binary(request, "one that was not asked for by name"));
}

TEST(InferBody, ReadsEveryDatatypeThatJsonCanTell) {
  EXPECT_THAT(parsed_values<std::uint8_t>(with_data("BOOL", "[3]", "[true,false,1]")), ElementsAre(1, 0, 1));
  EXPECT_THAT(parsed_values<std::uint8_t>(with_data("UINT8", "[2]", "[0,255]")), ElementsAre(0, 255));
  EXPECT_THAT(parsed_values<std::int8_t>(with_data("INT8", "[2]", "[-128,127]")), ElementsAre(-128, 127));
  EXPECT_THAT(parsed_values<std::uint16_t>(with_data("UINT16", "[1]", "[65535]")), ElementsAre(65535));
  EXPECT_THAT(parsed_values<std::int32_t>(with_data("INT32", "[1]", "[-2147483648]")), ElementsAre(INT32_MIN));
  EXPECT_THAT(parsed_values<std::int64_t>(with_data("INT64", "[1]", "[-9223372036854775808]")), ElementsAre(INT64_MIN));
  EXPECT_THAT(parsed_values<std::uint64_t>(with_data("UINT64", "[1]", "[18446744073709551615]")),
              ElementsAre(UINT64_MAX));
  EXPECT_THAT(parsed_values<float>(with_data("FP32", "[3]", "[0.1,-2,1e3]")), ElementsAre(0.1F, -2.0F, 1000.0F));
  EXPECT_THAT(parsed_values<double>(with_data("FP64", "[1]", "[0.1]")), ElementsAre(0.1));
  InferBody body(with_data("BYTES", "[2]", R"(["plain","a\u0041\n"])"), {}, kDepth);
  ASSERT_TRUE(body.status());
  const auto request = body.take_request();
  const auto& elements = std::get<Elements>(request.inputs[0].data);
  EXPECT_TRUE(elements.text);
  EXPECT_THAT(elements.values, ElementsAre("plain", "aA\n"));
}

TEST(InferBody, RefusesValuesThatAreNotOfTheDatatype) {
  for (const auto& [datatype, value] :
       {std::pair("UINT8", "256"), std::pair("UINT8", "-1"), std::pair("INT8", "128"), std::pair("INT32", "1.5"),
        std::pair("INT64", "9223372036854775808"), std::pair("UINT64", "18446744073709551616"),
        std::pair("FP32", "1e39"), std::pair("FP32", "\"1\""), std::pair("FP32", "null"), std::pair("FP32", "true"),
        std::pair("BOOL", "2"), std::pair("BYTES", "1"), std::pair("FP16", "1")}) {
    EXPECT_THAT(refusal(with_data(datatype, "[1]", std::string("[") + value + "]")), HasSubstr(datatype)) << value;
  }
}

TEST(InferBody, ReadsDataFlatOrNestedAsItsShape) {
  const std::vector<float> expected{1, 2, 3, 4};
  EXPECT_EQ(parsed_values<float>(with_data("FP32", "[2,2]", "[1,2,3,4]")), expected);
  EXPECT_EQ(parsed_values<float>(with_data("FP32", "[2,2]", "[[1,2],[3,4]]")), expected);
  EXPECT_EQ(parsed_values<float>(with_data("FP32", "[1,2,2]", "[[[1,2],[3,4]]]")), expected);
  EXPECT_EQ(parsed_values<float>(with_data("FP32", "[]", "[7]")), std::vector{7.0F});
  for (const char* data : {"[[1,2,3],[4]]", "[[1,2,3,4]]", "[[1],[2],[3],[4]]", "[[[1,2],[3,4]]]", "[1,[2,3,4]]",
                           "[[1,2],3,4]", "[[1,2],[3,4],[]]"}) {
    EXPECT_NE(refusal(with_data("FP32", "[2,2]", data)), "taken") << data;
  }
  EXPECT_THAT(refusal(with_data("FP32", "[2,2]", "[1,2,3]")), HasSubstr("has 3 values; its shape makes 4"));
  EXPECT_THAT(refusal(with_data("FP32", "[2,2]", "[1,2,3,4,5]")), HasSubstr("more values than the 4"));
}

TEST(InferBody, ReadsDataThatStandsBeforeItsShapeAndDatatype) {
  EXPECT_THAT(parsed_values<float>(with_input(R"({"data":[[1,2],[3,4]],"name":"x","shape":[2,2],"datatype":"FP32"})")),
              ElementsAre(1.0F, 2.0F, 3.0F, 4.0F));
  InferBody body(with_input(R"({"data":["a","\u0062"],"datatype":"BYTES","shape":[2],"name":"x"})"), {}, kDepth);
  ASSERT_TRUE(body.status());
  const auto request = body.take_request();
  EXPECT_THAT(std::get<Elements>(request.inputs[0].data).values, ElementsAre("a", "b"));
}

TEST(InferBody, ViewsBinaryDataBehindTheJsonInTheOrderOfTheInputs) {
  const std::string json = R"({"inputs":[
      {"name":"x","datatype":"UINT8","shape":[3],"parameters":{"binary_data_size":3}},
      {"name":"j","datatype":"INT32","shape":[1],"data":[5]},
      {"name":"y","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":6}}]})";
  const std::string body = json + "abc" + std::string("\2\0\0\0hi", 6);
  InferBody parsed(body, std::to_string(json.size()), kDepth);
  ASSERT_TRUE(parsed.status()) << parsed.status().error().message;
  const auto request = parsed.take_request();
  EXPECT_THAT(values<char>(request.inputs[0]), ElementsAre('a', 'b', 'c'));
  EXPECT_THAT(values<std::int32_t>(request.inputs[1]), ElementsAre(5));
  EXPECT_THAT(*split_bytes("y", std::get<RawData>(request.inputs[2].data), 1), ElementsAre("hi"));
}

TEST(InferBody, RefusesBinaryDataThatDoesNotAddUp) {
  const auto json = [](const std::string& size, const std::string& rest = "") {
    return R"({"inputs":[{"name":"x","datatype":"UINT8","shape":[3],"parameters":{"binary_data_size":)" + size + "}" +
           rest + "}]}";
  };
  const auto ask = [](const std::string& text, const std::string& binary) {
    return refusal(text + binary, std::to_string(text.size()));
  };
  EXPECT_EQ(ask(json("3"), "abc"), "taken");
  EXPECT_THAT(ask(json("3"), "ab"), HasSubstr("but 2 are left"));
  EXPECT_THAT(ask(json("3"), "abcd"), HasSubstr("1 bytes of binary data belong to no input"));
  EXPECT_THAT(ask(json("2"), "ab"), HasSubstr("has 2 bytes; its shape and datatype make 3"));
  for (const char* size : {"-1", "1.5", "\"3\"", "true", "9223372036854775807", "18446744073709551615"}) {
    EXPECT_NE(ask(json(size), "abc"), "taken") << size;
  }
  EXPECT_THAT(ask(json("3", R"(,"data":[1,2,3])"), "abc"), HasSubstr("both data and binary_data_size"));
  EXPECT_THAT(refusal(json("3")), HasSubstr("Inference-Header-Content-Length"));
}

TEST(InferBody, RefusesAHeaderThatIsNoSizeOfItsJson) {
  const std::string body = with_data("FP32", "[1]", "[1]");
  for (const char* header : {"", "x", "-1", "1000000", "99999999999999999999", "3x", " 3"}) {
    EXPECT_THAT(refusal(body, header), HasSubstr("Inference-Header-Content-Length")) << header;
  }
  EXPECT_THAT(refusal(body, "0"), HasSubstr("no JSON"));
  EXPECT_NE(refusal(body, "10"), "taken") << "the JSON is cut";
}

TEST(InferBody, ReadsNoJsonOutOfTheBinaryDataBehindIt) {
  const std::string json = R"({"inputs":[{"name":)";
  for (const char* behind : {"\"x\"}]}", "1}]}", "[1]}]}", "{}}]}", "null"}) {
    EXPECT_THAT(refusal(json + behind, std::to_string(json.size())), HasSubstr("JSON cannot be read")) << behind;
  }
}

TEST(InferBody, RefusesInputsThatAreNotWhole) {
  EXPECT_THAT(refusal(with_input(R"({"datatype":"FP32","shape":[1],"data":[1]})")), HasSubstr("no name"));
  EXPECT_THAT(refusal(with_input(R"({"name":"x","shape":[1],"data":[1]})")), HasSubstr("no datatype"));
  EXPECT_THAT(refusal(with_input(R"({"name":"x","datatype":"FP32","data":[1]})")), HasSubstr("no shape"));
  EXPECT_THAT(refusal(with_input(R"({"name":"x","datatype":"FP32","shape":[1]})")), HasSubstr("neither data nor"));
  EXPECT_THAT(refusal(with_data("FLOAT", "[1]", "[1]")), HasSubstr("none of the protocol's"));
  EXPECT_THAT(refusal(with_data("FP32", "[-1]", "[1]")), HasSubstr("the dimension -1"));
  EXPECT_THAT(refusal(with_data("FP32", "[4294967296,4294967296]", "[]")), HasSubstr("more elements"));
  EXPECT_THAT(refusal(with_data("FP32", "[1.5]", "[1]")), HasSubstr("list of integers"));
  EXPECT_THAT(refusal(with_data("FP32", "[1]", "{}")), HasSubstr("has to be a list"));
  EXPECT_THAT(refusal(with_data("FP32", "[1]", "1")), HasSubstr("has to be a list"));
  EXPECT_THAT(
      refusal(with_input(
          R"({"name":"x","datatype":"FP32","shape":[1],"parameters":{"shared_memory_region":"r"},"data":[1]})")),
      HasSubstr("shared memory"));
}

TEST(InferBody, RefusesWhatIsNotJsonOrNoRequest) {
  for (const char* body : {"", "{", "[]", "1", "null", "\"x\"", R"({"inputs":{}})", R"({"inputs":[1]})",
                           R"({"inputs":[]} x)", R"({"inputs":[}])", R"({"id":1})", R"({"parameters":[]})",
                           R"({"parameters":{"a":{}}})", R"({"outputs":[{}]})", "{\"id\":\"\xFF\"}"}) {
    EXPECT_NE(refusal(body), "taken") << body;
  }
}

TEST(InferBody, RefusesJsonThatIsDeeperThanTheLimit) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + "1" + std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_THAT(refusal(with_data("FP32", "[1]", nested(100'000))), HasSubstr("JSON cannot be read"));
  EXPECT_THAT(refusal(R"({"unknown":)" + nested(100'000) + "}"), HasSubstr("JSON cannot be read"));
  EXPECT_THAT(refusal(with_input(R"({"data":)" + nested(100'000) + R"(,"name":"x","datatype":"FP32","shape":[1]})")),
              HasSubstr("JSON cannot be read"));
}

TEST(InferBody, RefusesMoreTensorsThanTheLimit) {
  std::string inputs;
  for (std::size_t i = 0; i <= kMaxTensors; ++i) {
    inputs += std::string(i == 0 ? "" : ",") + R"({"name":"x","datatype":"FP32","shape":[0],"data":[]})";
  }
  EXPECT_THAT(refusal(with_input(inputs)), HasSubstr("more than 64 tensors"));
}

TEST(RepositoryBody, TellsWhetherOnlyReadyModelsAreListedAndTheParametersOfALoad) {
  EXPECT_FALSE(parse_repository_body("", kDepth)->ready);
  EXPECT_TRUE(parse_repository_body(R"({"ready":true})", kDepth)->ready);
  EXPECT_TRUE(parse_repository_body(R"({"parameters":{"config":"{}"}})", kDepth)->parameters.contains("config"));
  for (const char* body : {"{", "[]", "1", R"({"ready":1})", R"({"parameters":1})"}) {
    EXPECT_FALSE(parse_repository_body(body, kDepth)) << body;
  }
}

}  // namespace
}  // namespace osprey::oip
