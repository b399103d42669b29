#include "api/multipart.hpp"

#include <string>

#include <gtest/gtest.h>

namespace osprey::api {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=\"XX\"";

TEST(Multipart, SplitsPartsWithBinaryData) {
  using namespace std::string_literals;
  const std::string body =
      "preamble\r\n--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n"
      "--XX\r\ncontent-type: image/png\r\ncontent-disposition: form-data; name=file; filename=\"b.png\"\r\n\r\n\0\r\n--X\r\n\r\n--XX--\r\nend"s;
  const auto parts = parse_multipart(kType, body);
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].name, "a");
  EXPECT_FALSE((*parts)[0].is_file);
  EXPECT_EQ((*parts)[0].data, "one");
  EXPECT_EQ((*parts)[1].name, "file");
  EXPECT_TRUE((*parts)[1].is_file);
  EXPECT_EQ((*parts)[1].data, "\0\r\n--X\r\n"s);
}

TEST(Multipart, TakesAnEmptyPart) {
  const auto parts = parse_multipart(kType, "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--XX--");
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->at(0).data, "");
}

TEST(Multipart, RefusesWhatIsMalformed) {
  for (const char* body :
       {"", "--XX", "--XX\r\n", "no boundary", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end",
        "--XX\r\nX: y\r\n\r\ndata\r\n--XX--", "--XX\r\nContent-Disposition: form-data\r\n\r\nd\r\n--XX--"}) {
    EXPECT_FALSE(parse_multipart(kType, body)) << body;
  }
  EXPECT_FALSE(parse_multipart("multipart/form-data", "--XX--"));
}

TEST(Multipart, SurvivesBeingCutAtEveryByte) {
  const std::string whole = "--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\ndata\r\n--XX--";
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_multipart(kType, whole.substr(0, length))) << length;
  EXPECT_TRUE(parse_multipart(kType, whole));
}

TEST(Multipart, BoundsTheNumberOfParts) {
  std::string body;
  for (int i = 0; i < 65; ++i) body += "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n";
  EXPECT_FALSE(parse_multipart(kType, body + "--XX--"));
}

}  // namespace
}  // namespace osprey::api
