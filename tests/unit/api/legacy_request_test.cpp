#include "api/legacy_request.hpp"

#include <gtest/gtest.h>

namespace osprey::api {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

float confidence_of(const char* text) {
  const auto parsed = parse_legacy_request({{"confidence", text}}, "text/plain", "AAAA");
  EXPECT_TRUE(parsed.problems.empty()) << text;
  return parsed.request.decode.confidence.value;
}

TEST(LegacyRequest, TakesConfidenceAsFractionOrPercentage) {
  EXPECT_FLOAT_EQ(confidence_of("0.4"), 0.4F);
  EXPECT_FLOAT_EQ(confidence_of("40"), 0.4F);
  EXPECT_FLOAT_EQ(confidence_of("1"), 0.01F);
  EXPECT_FLOAT_EQ(confidence_of("0"), 0.01F) << "raised to the lowest that is served";
  EXPECT_FLOAT_EQ(confidence_of("0.001"), 0.01F);
  EXPECT_FLOAT_EQ(confidence_of("100"), 1.0F);
}

TEST(LegacyRequest, TakesOverlapAsFractionOrPercentage) {
  const auto overlap = [](const char* text) {
    return parse_legacy_request({{"overlap", text}}, "text/plain", "AAAA").request.decode.iou_threshold;
  };
  EXPECT_FLOAT_EQ(overlap("30"), 0.3F);
  EXPECT_FLOAT_EQ(overlap("0.5"), 0.5F);
  EXPECT_FLOAT_EQ(overlap("0"), 0.0F);
}

TEST(LegacyRequest, TakesTheBodyAsItIsWhateverItsContentType) {
  for (const char* type : {"application/json", "application/x-www-form-urlencoded", "text/plain"}) {
    const auto parsed = parse_legacy_request({}, type, "AAAA");
    ASSERT_EQ(parsed.request.images.size(), 1U);
    EXPECT_EQ(parsed.request.images[0].kind, ImageKind::base64);
    EXPECT_EQ(parsed.request.images[0].value, "AAAA");
  }
}

TEST(LegacyRequest, NeedsAContentTypeOrAnImageUrl) {
  const auto without = parse_legacy_request({}, std::nullopt, "AAAA");
  ASSERT_TRUE(without.error);
  EXPECT_EQ(without.error->message, "Content-Type header not provided with request.");
  const Query query{{"image", "https://example.com/a.jpg"}};
  const auto url = parse_legacy_request(query, std::nullopt, "");
  ASSERT_FALSE(url.error);
  EXPECT_EQ(url.request.images.at(0).kind, ImageKind::url);
}

TEST(LegacyRequest, TakesAPickleAsTheRawBody) {
  EXPECT_EQ(parse_legacy_request({{"image_type", "numpy"}}, "text/plain", "x").request.images.at(0).kind,
            ImageKind::pickled);
  EXPECT_EQ(parse_legacy_request({{"image_type", "telepathy"}}, "text/plain", "x").request.images.at(0).kind,
            ImageKind::unknown);
  EXPECT_EQ(parse_legacy_request({{"image_type", "encoded"}}, "text/plain", "x").request.images.at(0).kind,
            ImageKind::unknown);
}

TEST(LegacyRequest, LastOfARepeatedParameterCounts) {
  EXPECT_EQ(
      parse_legacy_request({{"max_detections", "1"}, {"max_detections", "2"}}, "t", "A").request.decode.max_detections,
      2);
}

TEST(LegacyRequest, ReadsPythonBooleansAndFormats) {
  const auto parsed =
      parse_legacy_request({{"labels", "True"}, {"format", "image_and_json"}, {"stroke", "4"}}, "t", "A");
  EXPECT_TRUE(parsed.request.visualization_labels);
  EXPECT_EQ(parsed.request.format, ResponseFormat::image_and_json);
  EXPECT_EQ(parsed.request.visualization_stroke_width, 4);
  EXPECT_EQ(parse_legacy_request({{"format", "xml"}}, "t", "A").request.format, ResponseFormat::json);
}

TEST(LegacyRequest, PointsAtTheParameterThatIsWrong) {
  const auto parsed = parse_legacy_request({{"confidence", "high"}}, "t", "A");
  ASSERT_EQ(parsed.problems.size(), 2U);
  EXPECT_EQ(parsed.problems[0].location, (Location{"query", "confidence", "float"}));
  EXPECT_EQ(parse_legacy_request({{"labels", "perhaps"}}, "t", "A").problems.at(0).type, "bool_parsing");
}

TEST(LegacyRequest, TakesAFormsFile) {
  const std::string type = "multipart/form-data; boundary=b";
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\nDATA\r\n--b--\r\n";
  const auto parsed = parse_legacy_request({}, type, body);
  ASSERT_FALSE(parsed.error);
  EXPECT_EQ(parsed.request.images.at(0).kind, ImageKind::encoded);
  EXPECT_EQ(parsed.request.images.at(0).value, "DATA");
}

TEST(LegacyRequest, ImageInTheQueryWinsOverAForm) {
  const std::string type = "multipart/form-data; boundary=b";
  const std::string file =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\nDATA\r\n--b--\r\n";
  const Query query{{"image", "https://example.com/a.jpg"}};
  const auto parsed = parse_legacy_request(query, type, file);
  ASSERT_FALSE(parsed.error);
  ASSERT_EQ(parsed.request.images.size(), 1U);
  EXPECT_EQ(parsed.request.images[0].kind, ImageKind::url);
  EXPECT_EQ(parsed.request.images[0].value, "https://example.com/a.jpg");
  EXPECT_TRUE(parse_legacy_request(query, type, "--b--\r\n").error) << "the form is checked all the same";
}

TEST(LegacyRequest, ADataUriHoldsItsImage) {
  const Query query{{"image", "data:image/png;base64,AAAA"}};
  const auto parsed = parse_legacy_request(query, std::nullopt, "");
  EXPECT_EQ(parsed.request.images.at(0).kind, ImageKind::base64);
  EXPECT_EQ(parsed.request.images.at(0).value, "data:image/png;base64,AAAA");
  EXPECT_EQ(parse_legacy_request({{"image", "data:text/html,x"}}, std::nullopt, "").request.images.at(0).kind,
            ImageKind::url);
}

TEST(LegacyRequest, RefusesAFormWithoutAFile) {
  const std::string type = "multipart/form-data; boundary=b";
  EXPECT_TRUE(parse_legacy_request(
                  {}, type, "--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\n\r\nx\r\n--b--")
                  .error);
  EXPECT_TRUE(
      parse_legacy_request({}, type, "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ntext\r\n--b--")
          .error);
}

}  // namespace
}  // namespace osprey::api
