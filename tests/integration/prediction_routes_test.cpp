#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "whole_server.hpp"

namespace osprey {
namespace {

class PredictionRoutesTest : public testing::Test {
 protected:
  Json detect(const Json& body) {
    const auto reply = server.ask("POST", "/infer/object_detection", body.dump());
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body, nullptr, false);
  }
  static Json image(std::uint8_t level) { return {{"type", "base64"}, {"value", picture(level)}}; }
  WholeServer server;
};

TEST_F(PredictionRoutesTest, AnswersADetectionInTheReferencesShape) {
  auto answer = detect({{"model_id", "fake/1"}, {"image", image(255)}, {"id", "mine"}});
  std::vector<std::string> keys;
  for (const auto& [key, value] : answer.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("inference_id", "time", "resolved_model", "image", "predictions"));
  EXPECT_EQ(answer["inference_id"], "mine");
  EXPECT_EQ(answer["image"].dump(), R"({"width":64,"height":48})");
  auto found = answer["predictions"].at(0);
  EXPECT_EQ(found["detection_id"].get<std::string>().size(), 36U);
  found.erase("detection_id");
  EXPECT_EQ(found.dump(),
            R"({"x":32.0,"y":24.0,"width":32.0,"height":24.0,"confidence":1.0,"class":"bright","class_id":1})");
}

TEST_F(PredictionRoutesTest, AnswersAListWithAListOfTheSameOrder) {
  const auto answer = detect({{"model_id", "fake/1"}, {"image", {image(255), image(0), image(255)}}});
  ASSERT_EQ(answer.size(), 3U);
  EXPECT_EQ(answer[0]["predictions"][0]["class"], "bright");
  EXPECT_EQ(answer[1]["predictions"][0]["class"], "dark");
  EXPECT_EQ(answer[2]["predictions"][0]["class"], "bright");
  EXPECT_EQ(answer[0]["inference_id"], answer[2]["inference_id"]);
  EXPECT_EQ(detect({{"model_id", "fake/1"}, {"image", {image(255)}}}).size(), 1U) << "a list of one stays a list";
}

TEST_F(PredictionRoutesTest, TellsAColdStartOnce) {
  const auto body = WholeServer::detection_body(picture(255));
  const auto cold = server.ask("POST", "/infer/object_detection", body);
  EXPECT_EQ(cold.header("X-Model-Cold-Start"), "true");
  EXPECT_EQ(cold.header("X-Model-Cold-Start-Count"), "1");
  EXPECT_EQ(cold.header("X-Model-Id"), "fake/1");
  EXPECT_FALSE(cold.header("X-Model-Load-Time").empty());
  EXPECT_EQ(Json::parse(cold.header("X-Model-Load-Details"))[0]["m"], "fake/1");
  const auto warm = server.ask("POST", "/infer/object_detection", body);
  EXPECT_EQ(warm.header("X-Model-Cold-Start"), "false");
  EXPECT_EQ(warm.header("X-Model-Cold-Start-Count"), "0");
  EXPECT_TRUE(warm.header("X-Model-Load-Time").empty());
}

TEST_F(PredictionRoutesTest, TakesTheBareTextOnTheOlderRoute) {
  for (const char* confidence : {"0.9", "90"}) {
    const auto reply = server.ask("POST", std::string("/fake/1?api_key=k&confidence=") + confidence, picture(255),
                                  "Content-Type: application/x-www-form-urlencoded\r\n");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(Json::parse(reply.body)["predictions"].size(), 1U);
  }
}

TEST_F(PredictionRoutesTest, AnswersWithAPictureWhenAsked) {
  const auto reply = server.ask("POST", "/fake/1?format=image", picture(255));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "image/jpeg");
  const auto decoded = image::decode(std::as_bytes(std::span(reply.body.data(), reply.body.size())), {});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->size(), (image::Size{64, 48}));
  const auto both = Json::parse(server.ask("POST", "/fake/1?format=image_and_json", picture(255)).body);
  EXPECT_EQ(both.begin().key(), "visualization");
}

TEST_F(PredictionRoutesTest, TakesAForm) {
  const std::string body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
  const auto bytes = decode_base64(picture(255));
  const std::string file(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto reply =
      server.ask("POST", "/fake/1", body + file + "\r\n--b--\r\n", "Content-Type: multipart/form-data; boundary=b\r\n");
  EXPECT_EQ(reply.status, 200) << reply.body;
}

struct Refusal {
  const char* name;
  const char* target;
  std::string body;
  int status;
  const char* in_body;
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, HasAStatusAndSaysWhy) {
  WholeServer server;
  const auto& refusal = GetParam();
  const auto reply = server.ask("POST", refusal.target, refusal.body);
  EXPECT_EQ(reply.status, refusal.status) << reply.body;
  EXPECT_NE(reply.body.find(refusal.in_body), std::string::npos) << reply.body;
  EXPECT_TRUE(Json::parse(reply.body, nullptr, false).is_object());
  const auto again = server.ask("POST", "/infer/object_detection", WholeServer::detection_body(picture(255)));
  EXPECT_EQ(again.status, 200) << "the server is as it was";
}

std::string body(const char* json) {
  return json;
}

INSTANTIATE_TEST_SUITE_P(
    Requests, RefusalTest,
    testing::Values(
        Refusal{"UnknownModel", "/infer/object_detection", WholeServer::detection_body(picture(0), "zebra/1"), 404,
                "message"},
        Refusal{"ThreeSegments", "/infer/object_detection", WholeServer::detection_body(picture(0), "a/b/c"), 400,
                "Invalid Model ID"},
        Refusal{"DotDot", "/infer/object_detection", WholeServer::detection_body(picture(0), "../fake"), 400,
                "Invalid Model ID"},
        Refusal{"BadBase64", "/infer/object_detection", WholeServer::detection_body("@@@not base64"), 400,
                "Malformed base64"},
        Refusal{"NoImageBytes", "/infer/object_detection", WholeServer::detection_body(""), 400, "Empty image payload"},
        Refusal{"NotAnImage", "/infer/object_detection", WholeServer::detection_body("aGVsbG8gd29ybGQ="), 400,
                "Data is not image"},
        Refusal{"UnknownType", "/infer/object_detection",
                body(R"({"model_id":"fake/1","image":{"type":"telepathy","value":"x"}})"), 400, "not recognised"},
        Refusal{"ServersFile", "/infer/object_detection",
                body(R"({"model_id":"fake/1","image":{"type":"file","value":"/etc/passwd"}})"), 400, "own disk"},
        Refusal{"EmptyList", "/infer/object_detection", body(R"({"model_id":"fake/1","image":[]})"), 400, "help_url"},
        Refusal{"NoImage", "/infer/object_detection", body(R"({"model_id":"fake/1"})"), 422,
                R"("loc":["body","image"])"},
        Refusal{"BadConfidence", "/infer/object_detection",
                body(R"({"model_id":"fake/1","image":{"type":"base64"},"confidence":"high"})"), 422, "float_parsing"},
        Refusal{"MalformedJson", "/infer/object_detection", body(R"({"model_id": )"), 422, "json_invalid"},
        Refusal{"MaskMode", "/infer/instance_segmentation",
                body(R"({"model_id":"fake/1","image":{"type":"base64","value":"AA"},"mask_decode_mode":"magic"})"), 400,
                "mask_decode_mode"},
        Refusal{"LegacyLabels", "/fake/1?labels=perhaps", picture(0), 422, "bool_parsing"},
        Refusal{"LegacyEmpty", "/fake/1", "", 400, "Empty image payload"},
        Refusal{"LegacyUnknown", "/zebra/1", picture(0), 404, "message"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST_F(PredictionRoutesTest, NeedsAContentTypeOnTheOlderRoute) {
  const auto reply = server.ask("POST", "/fake/1", picture(0), "");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, R"({"message":"Content-Type header not provided with request."})");
}

}  // namespace
}  // namespace osprey
