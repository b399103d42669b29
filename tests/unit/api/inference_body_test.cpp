#include "api/inference_body.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "api/field_rules.hpp"

namespace osprey::api {
namespace {

InferenceBody parse(std::string body, Route route = Route::object_detection) {
  return {route, std::move(body), true};
}

/// A body with these further fields.
InferenceBody with(const std::string& fields, Route route = Route::object_detection) {
  return parse(R"({"model_id":"a/1","image":{"type":"base64","value":"AAAA"},)" + fields + "}", route);
}

std::string first_problem(const InferenceBody& body) {
  if (body.problems().empty()) return "none";
  std::string text = body.problems()[0].type;
  for (const auto& item : body.problems()[0].location) {
    text += " ";
    text += std::holds_alternative<std::string>(item) ? std::get<std::string>(item)
                                                      : std::to_string(std::get<std::int64_t>(item));
  }
  return text;
}

TEST(InferenceBody, HasTheReferencesDefaults) {
  const auto body = parse(R"({"model_id":"a/1","image":{"type":"base64","value":"AAAA"}})");
  ASSERT_TRUE(body.problems().empty());
  const auto& request = body.request();
  EXPECT_EQ(request.model_id, "a/1");
  ASSERT_EQ(request.images.size(), 1U);
  EXPECT_EQ(request.images[0].kind, ImageKind::base64);
  EXPECT_EQ(request.images[0].value, "AAAA");
  EXPECT_FALSE(request.image_is_list);
  EXPECT_FLOAT_EQ(request.decode.confidence.value, 0.4F);
  EXPECT_FLOAT_EQ(request.decode.iou_threshold, 0.3F);
  EXPECT_EQ(request.decode.max_detections, 300);
  EXPECT_EQ(request.decode.max_candidates, 3000);
  EXPECT_FALSE(request.id);
}

TEST(InferenceBody, TakesAnIntegerOfAnyLength) {
  const auto body = with(R"("max_detections":1180591620717411303424,"max_candidates":-99999999999999999999999)");
  ASSERT_TRUE(body.problems().empty()) << first_problem(body);
  EXPECT_EQ(body.request().decode.max_detections, std::numeric_limits<int>::max());
  EXPECT_EQ(body.request().decode.max_candidates, 0);
}

TEST(InferenceBody, KeepsNumbersFinite) {
  const auto body = with(R"("confidence":1e300,"iou_threshold":"-1e99")");
  ASSERT_TRUE(body.problems().empty()) << first_problem(body);
  EXPECT_TRUE(std::isfinite(body.request().decode.confidence.value));
  EXPECT_TRUE(std::isfinite(body.request().decode.iou_threshold));
}

TEST(InferenceBody, ADataUriOfTypeUrlHoldsItsImage) {
  const auto body = parse(R"({"model_id":"a/1","image":{"value":"data:image/png;base64,AAAA","type":"URL"}})");
  ASSERT_TRUE(body.problems().empty()) << first_problem(body);
  EXPECT_EQ(body.request().images.at(0).kind, ImageKind::base64);
}

TEST(InferenceBody, DoesNotCopyABodyThatHasRoomBehindIt) {
  std::string text = R"({"model_id":"a/1","image":{"type":"base64","value":")" + std::string(100'000, 'A') + "\"}}";
  text.reserve(text.size() + 64);
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto body = parse(std::move(text));
  const auto value = body.request().images.at(0).value;
  EXPECT_EQ(value.size(), 100'000U);
  EXPECT_TRUE(value.data() > begin && value.data() < end);
}

TEST(InferenceBody, ReadsEveryDetectionField) {
  const auto body =
      with(R"("id":"x","confidence":0.25,"iou_threshold":0.5,"class_agnostic_nms":true,"class_filter":["dog","cat"],
    "max_detections":7,"max_candidates":9,"visualize_predictions":true,"visualization_labels":true,"visualization_stroke_width":3,
    "disable_preproc_auto_orient":true,"disable_preproc_contrast":true,"disable_preproc_grayscale":true,
    "disable_preproc_static_crop":true,"api_key":"k","source":"s","disable_active_learning":false,"usage_billable":true)");
  ASSERT_TRUE(body.problems().empty()) << first_problem(body);
  const auto& request = body.request();
  EXPECT_EQ(request.id, "x");
  EXPECT_FLOAT_EQ(request.decode.confidence.value, 0.25F);
  EXPECT_FLOAT_EQ(request.decode.iou_threshold, 0.5F);
  EXPECT_TRUE(request.decode.class_agnostic_nms);
  EXPECT_EQ(request.decode.class_filter, (std::vector<std::string>{"dog", "cat"}));
  EXPECT_EQ(request.decode.max_detections, 7);
  EXPECT_EQ(request.decode.max_candidates, 9);
  EXPECT_TRUE(request.visualize_predictions);
  EXPECT_TRUE(request.visualization_labels);
  EXPECT_EQ(request.visualization_stroke_width, 3);
  EXPECT_TRUE(request.disable_auto_orient);
  EXPECT_TRUE(request.preprocess.disable_contrast);
  EXPECT_TRUE(request.preprocess.disable_grayscale);
  EXPECT_TRUE(request.preprocess.disable_static_crop);
  EXPECT_EQ(request.api_key, "k");
}

TEST(InferenceBody, ReadsAListOfImages) {
  const auto body =
      parse(R"({"image":[{"type":"BASE64","value":"AA"},{"value":"BB","type":"numpy"}],"model_id":"a/1"})");
  ASSERT_TRUE(body.problems().empty());
  EXPECT_TRUE(body.request().image_is_list);
  ASSERT_EQ(body.request().images.size(), 2U);
  EXPECT_EQ(body.request().images[0].kind, ImageKind::base64);
  EXPECT_EQ(body.request().images[1].kind, ImageKind::numpy);
  EXPECT_EQ(body.request().images[1].value, "BB");
}

TEST(InferenceBody, UnescapesValuesThatHaveEscapes) {
  const auto body = parse(R"({"model_id":"a\/1","image":{"type":"base64","value":"AA\/A\n"}})");
  ASSERT_TRUE(body.problems().empty());
  EXPECT_EQ(body.request().model_id, "a/1");
  EXPECT_EQ(body.request().images[0].value, "AA/A\n");
}

TEST(InferenceBody, IgnoresUnknownFieldsOfAnyShape) {
  const auto body = with(R"("colour":{"deep":[1,{"x":null}]},"b":[true,"t",1.5e3])");
  EXPECT_TRUE(body.problems().empty()) << first_problem(body);
}

TEST(InferenceBody, CoercesNumbersInText) {
  EXPECT_FLOAT_EQ(with(R"("confidence":"0.5")").request().decode.confidence.value, 0.5F);
  EXPECT_FLOAT_EQ(with(R"("confidence":1)").request().decode.confidence.value, 1.0F);
  EXPECT_EQ(with(R"("max_detections":"12")").request().decode.max_detections, 12);
}

TEST(InferenceBody, ReadsNamedConfidences) {
  using Kind = vision::Confidence::Kind;
  EXPECT_EQ(with(R"("confidence":"best")").request().decode.confidence.kind, Kind::best);
  EXPECT_EQ(with(R"("confidence":"default")").request().decode.confidence.kind, Kind::model_default);
  EXPECT_EQ(first_problem(with(R"("confidence":"best")", Route::keypoints_detection)), "float_parsing body confidence");
}

TEST(InferenceBody, TellsBothReadingsOfABadConfidence) {
  const auto body = with(R"("confidence":"high")");
  ASSERT_EQ(body.problems().size(), 2U);
  EXPECT_EQ(first_problem(body), "float_parsing body confidence float");
  EXPECT_EQ(body.problems()[1].type, "literal_error");
  EXPECT_EQ(body.problems()[1].location, (Location{"body", "confidence", "literal['best','default']"}));
  EXPECT_EQ(body.problems()[0].input_json, "\"high\"");
}

TEST(InferenceBody, NullLeavesADefaultWhereItIsAllowed) {
  EXPECT_EQ(with(R"("max_detections":null)").request().decode.max_detections, 300);
  EXPECT_EQ(first_problem(with(R"("confidence":null)")), "float_type body confidence float");
  EXPECT_EQ(first_problem(with(R"("usage_billable":null)")), "bool_type body usage_billable");
}

TEST(InferenceBody, PointsAtTheFieldThatIsWrong) {
  EXPECT_EQ(first_problem(with(R"("max_detections":"many")")), "int_parsing body max_detections");
  EXPECT_EQ(first_problem(with(R"("class_filter":5)")), "list_type body class_filter");
  EXPECT_EQ(first_problem(with(R"("class_filter":["a",5])")), "string_type body class_filter 1");
  EXPECT_EQ(first_problem(with(R"("id":5)")), "string_type body id");
  EXPECT_EQ(first_problem(parse(R"({"model_id":"a/1","image":"text"})")),
            "list_type body image list[InferenceRequestImage]");
  EXPECT_EQ(first_problem(parse(R"({"model_id":"a/1","image":{"value":"x"}})")),
            "missing body image InferenceRequestImage type");
  EXPECT_EQ(first_problem(parse(R"({"model_id":"a/1","image":[{"type":"base64"},7]})")),
            "model_type body image list[InferenceRequestImage] 1");
  EXPECT_EQ(first_problem(parse(R"({"model_id":null,"image":[]})")), "string_type body model_id");
}

TEST(InferenceBody, NamesMissingFields) {
  EXPECT_EQ(first_problem(parse(R"({"image":[]})")), "missing body model_id");
  EXPECT_EQ(first_problem(parse(R"({"model_id":"a/1"})")), "missing body image");
  EXPECT_EQ(first_problem(parse("")), "missing body");
}

TEST(InferenceBody, RefusesWhatIsNotAJsonObject) {
  EXPECT_EQ(first_problem(parse("[1,2]")), "model_attributes_type body");
  EXPECT_EQ(first_problem(parse("\"text\"")), "model_attributes_type body");
  EXPECT_EQ(first_problem(InferenceBody(Route::object_detection, R"({"model_id":"a/1"})", false)),
            "model_attributes_type body");
}

TEST(InferenceBody, RefusesMalformedJsonWhereverItIs) {
  for (const char* text : {R"({"model_id": )", R"({"model_id":"a/1","image":{"type":"base64","value":"A"}} x)",
                           R"({"a":tru})", R"({"a":nul})", R"({"a":[1,}})", R"({"a":"\q"})", R"({"a" 1})", "{",
                           R"({"a":1)", R"({"model_id":"a/1)", "{\"a\":\"\xFF\"}"}) {
    const auto body = parse(text);
    ASSERT_EQ(body.problems().size(), 1U) << text;
    EXPECT_EQ(body.problems()[0].type, "json_invalid") << text;
  }
}

TEST(InferenceBody, TakesJsonAsDeepAsTheLimitAndNoDeeper) {
  const auto nested = [](std::size_t levels) {
    return "{\"model_id\":\"a/1\",\"image\":{\"type\":\"base64\",\"value\":\"AA==\"},\"x\":" +
           std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  const auto problems = [&](std::size_t levels, int limit) {
    return InferenceBody(Route::object_detection, nested(levels), true, limit).problems();
  };
  EXPECT_TRUE(problems(5, 5).empty());
  EXPECT_EQ(problems(6, 5).at(0).type, "json_invalid");
  EXPECT_TRUE(problems(32, kDefaultJsonDepth).empty());
  EXPECT_EQ(problems(33, kDefaultJsonDepth).at(0).type, "json_invalid");
}

TEST(InferenceBody, RefusesJsonThatIsNestedTooDeep) {
  EXPECT_EQ(parse("{\"a\":" + std::string(10000, '[') + std::string(10000, ']') + "}").problems().at(0).type,
            "json_invalid");
}

TEST(InferenceBody, SurvivesBeingCutAtEveryByte) {
  const std::string whole =
      R"({"model_id":"a/1","image":[{"type":"base64","value":"AA\u00e9A"}],"confidence":0.5,"class_filter":["a"]})";
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse(whole.substr(0, length)).problems().empty());
  EXPECT_TRUE(parse(whole).problems().empty());
}

TEST(MaskDecoding, IsCheckedWhenTheModelRuns) {
  auto body = with(R"("mask_decode_mode":"magic")", Route::instance_segmentation);
  EXPECT_TRUE(body.problems().empty());
  EXPECT_FALSE(check_mask_decoding(body.request()).empty());
  auto tradeoff = with(R"("mask_decode_mode":"tradeoff","tradeoff_factor":7)", Route::instance_segmentation);
  EXPECT_FALSE(check_mask_decoding(tradeoff.request()).empty());
  auto sound = with(R"("mask_decode_mode":"tradeoff","tradeoff_factor":0.5)", Route::instance_segmentation);
  EXPECT_TRUE(check_mask_decoding(sound.request()).empty());
  EXPECT_EQ(sound.request().decode.mask_decode_mode, vision::MaskDecodeMode::tradeoff);
}

TEST(ModelBody, NeedsAModelId) {
  EXPECT_EQ(parse_model_body(R"({"model_id":"a/1","api_key":null})", true).model_id, "a/1");
  EXPECT_EQ(parse_model_body("{}", true).problems.at(0).type, "missing");
  EXPECT_EQ(parse_model_body("", true).problems.at(0).type, "missing");
  EXPECT_EQ(parse_model_body(R"({"model_id":7})", true).problems.at(0).type, "string_type");
}

TEST(ContentType, IsJsonWithParametersAndSuffixes) {
  EXPECT_TRUE(is_json_content_type("application/json"));
  EXPECT_TRUE(is_json_content_type("Application/JSON; charset=utf-8"));
  EXPECT_TRUE(is_json_content_type("application/vnd.x+json"));
  EXPECT_FALSE(is_json_content_type("text/plain"));
}

TEST(FieldRules, NameEachBodyFieldOncePerRoute) {
  for (const Route route : {Route::object_detection, Route::instance_segmentation, Route::keypoints_detection,
                            Route::classification, Route::semantic_segmentation}) {
    std::vector<std::string_view> seen;
    for (const auto& rule : field_rules()) {
      if (rule.body_name.empty() || (rule.routes & route_bit(route)) == 0) continue;
      EXPECT_EQ(std::count(seen.begin(), seen.end(), rule.body_name), 0) << rule.body_name;
      seen.push_back(rule.body_name);
    }
  }
}

}  // namespace
}  // namespace osprey::api
