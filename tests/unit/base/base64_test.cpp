#include "base/base64.hpp"

#include <string>

#include <gtest/gtest.h>

namespace osprey {
namespace {

std::string decoded(std::string_view text) {
  const auto result = decode_base64(text);
  if (!result) return "error";
  return std::string(reinterpret_cast<const char*>(result->data()), result->size());
}

std::string encoded(std::string_view text) {
  std::string out;
  append_base64(std::as_bytes(std::span(text.data(), text.size())), out);
  return out;
}

// The vectors of RFC 4648, section 10.
constexpr std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};

TEST(Base64, DecodesTheVectorsOfTheStandard) {
  for (const auto& [plain, text] : kVectors) EXPECT_EQ(decoded(text), plain) << text;
}

TEST(Base64, EncodesTheVectorsOfTheStandard) {
  for (const auto& [plain, text] : kVectors) EXPECT_EQ(encoded(plain), text) << plain;
}

TEST(Base64, SkipsCharactersOutsideTheAlphabet) {
  EXPECT_EQ(decoded("Zm9v\nYmFy"), "foobar");
  EXPECT_EQ(decoded(" Z!m-9_v "), "foo");
  EXPECT_EQ(decoded("Zg=\r\n="), "f");
}

TEST(Base64, RefusesWrongPadding) {
  EXPECT_EQ(decoded("Zg"), "error");
  EXPECT_EQ(decoded("Zg="), "error");
  EXPECT_EQ(decoded("Zm9vY"), "error");
  EXPECT_EQ(decoded("@@@not base64"), "error");
}

TEST(Base64, StopsAtCompletePadding) {
  EXPECT_EQ(decoded("Zg==Zm9v"), "f");
}

TEST(Base64, RoundTripsEveryByteAtEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decoded(encoded(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

}  // namespace
}  // namespace osprey
