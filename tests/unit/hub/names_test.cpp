#include "hub/names.hpp"

#include <gtest/gtest.h>

#include "hub/digest.hpp"

namespace osprey::hub {
namespace {

TEST(Names, ModelIdsAreOneOrTwoSafeSegments) {
  for (const char* good : {"parts/1", "yolo26-pretrains/yolo26n-sem", "parts", "a.b/..c"}) {
    EXPECT_TRUE(check_model_id(good)) << good;
  }
  for (const char* bad : {"", "/", "/1", "parts/", "a/b/c", "../1", "parts/..", "./1", "a\\b/1", "a\nb/1", "a/\x7f"}) {
    EXPECT_FALSE(check_model_id(bad)) << bad;
  }
  EXPECT_FALSE(check_model_id(std::string(201, 'a')));
  EXPECT_FALSE(check_model_id(std::string("a\0b", 3)));
}

TEST(Names, EntriesOfDifferentModelsDiffer) {
  const std::string name = entry_name("My Parts/12");
  EXPECT_TRUE(name.starts_with("My-Parts-12-")) << name;
  EXPECT_EQ(name.find('/'), std::string::npos);
  EXPECT_NE(entry_name("my-parts/12"), entry_name("my/parts-12"));
  EXPECT_LE(entry_name(std::string(200, 'x')).size(), 81U);
}

TEST(Names, FilesLeadNowhere) {
  for (const char* good : {"weights.onnx", "class_names.txt", "a-b_C.9"}) EXPECT_TRUE(is_file_name(good)) << good;
  for (const char* bad : {"", ".", "..", ".lock", ".manifest.json", "a/b", "../a", "a\\b", "a b", "\xC3\xA9", "a\n"}) {
    EXPECT_FALSE(is_file_name(bad)) << bad;
  }
  EXPECT_FALSE(is_file_name(std::string(129, 'a')));
  EXPECT_FALSE(is_file_name(std::string("a\0.txt", 6)));
}

TEST(Names, PackageIdsAreLettersAndDigits) {
  EXPECT_TRUE(is_package_id("abcXYZ019"));
  EXPECT_FALSE(is_package_id(""));
  EXPECT_FALSE(is_package_id("a-b"));
  EXPECT_FALSE(is_package_id("../a"));
  EXPECT_FALSE(is_package_id(std::string(256, 'a')));
}

TEST(Names, HashesAreLowerHex) {
  EXPECT_TRUE(is_md5("d41d8cd98f00b204e9800998ecf8427e"));
  EXPECT_FALSE(is_md5("D41D8CD98F00B204E9800998ECF8427E"));
  EXPECT_FALSE(is_md5("d41d8cd98f00b204e9800998ecf8427"));
}

TEST(Names, AreShownWithoutControlCharacters) {
  EXPECT_EQ(printable("a\r\nb\x1B[31m"), "a??b?[31m");
  EXPECT_EQ(printable(std::string(200, 'x')).size(), 83U);
}

// RFC 1321 and FIPS 180-2.
TEST(Digest, GivesTheStandardsValues) {
  EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace osprey::hub
