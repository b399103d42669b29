#include "cli/infer_inputs.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class InferInputs : public testing::Test {
 protected:
  InferInputs() {
    fs::remove_all(folder);
    for (const char* name : {"b.jpg", "a.PNG", "a.jpg.annotated.jpg", "notes.txt", "below/c.webp"}) {
      fs::create_directories((folder / name).parent_path());
      std::ofstream(folder / name) << "x";
    }
  }
  ~InferInputs() override { fs::remove_all(folder); }

  [[nodiscard]] std::string in(const std::string& name) const { return (folder / name).string(); }

  std::vector<std::string> names(const std::vector<std::string>& arguments, bool recursive = false) {
    std::istringstream standard_input("bytes");
    const auto found = find_inputs(arguments, recursive, standard_input);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::string> result;
    if (!found) return result;
    for (const auto& input : found.value()) result.push_back(input.name.string());
    return result;
  }

  static std::string refusal(const std::vector<std::string>& arguments, const std::string& standard_input = "") {
    std::istringstream stream(standard_input);
    const auto found = find_inputs(arguments, false, stream);
    EXPECT_FALSE(found);
    return found ? "" : found.error().message;
  }

  const fs::path folder = fs::path(testing::TempDir()) / "osprey_infer_inputs_test";
};

TEST_F(InferInputs, AFolderIsItsImagesByName) {
  EXPECT_THAT(names({folder.string()}), ElementsAre("a.PNG", "b.jpg"));  // and not what this command wrote there
  EXPECT_THAT(names({folder.string()}, true), ElementsAre("a.PNG", "b.jpg", "below/c.webp"));
}

TEST_F(InferInputs, APatternIsWhatFitsIt) {
  EXPECT_THAT(names({in("*.jpg")}), ElementsAre("a.jpg.annotated.jpg", "b.jpg"));
  EXPECT_THAT(names({in("{b.jpg,a.*G}")}), ElementsAre("b.jpg", "a.PNG"));
  EXPECT_THAT(refusal({in("*.gif")}), HasSubstr("nothing fits"));
}

TEST_F(InferInputs, AFileMayBearAPatternsName) {
  std::ofstream(folder / "[1].jpg") << "x";
  EXPECT_THAT(names({in("[1].jpg")}), ElementsAre("[1].jpg"));
}

TEST_F(InferInputs, AFileThatIsNamedTwiceIsTakenOnce) {
  EXPECT_THAT(names({in("b.jpg"), in("./b.jpg"), folder.string()}), ElementsAre("b.jpg", "a.PNG"));
}

TEST_F(InferInputs, TwoLinksToOneFileAreTwoImages) {
  fs::create_symlink(folder / "b.jpg", folder / "link.jpg");
  EXPECT_THAT(names({folder.string()}), ElementsAre("a.PNG", "b.jpg", "link.jpg"));
}

TEST_F(InferInputs, AUrlIsNamedByItsHostAndPath) {
  EXPECT_THAT(names({"https://example.org/pics/a%20b.jpg?size=1#x", "http://example.org"}),
              ElementsAre("example.org_pics_a_20b.jpg", "example.org"));
}

TEST_F(InferInputs, ResultsOfTwoImagesNeedTwoNames) {
  std::ofstream(folder / "below/b.jpg") << "x";
  EXPECT_THAT(refusal({in("b.jpg"), in("below/b.jpg")}), HasSubstr("would have the same name"));
}

TEST_F(InferInputs, StandardInputIsReadToItsEnd) {
  std::istringstream stream("bytes");
  const auto found = find_inputs({"-"}, false, stream);
  ASSERT_TRUE(found);
  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found.value()[0].shown, "-");
  EXPECT_EQ(found.value()[0].bytes->size(), 5U);
  EXPECT_THAT(refusal({"-"}, ""), HasSubstr("standard input is empty"));
}

TEST_F(InferInputs, WhatIsNotThereIsNamed) {
  EXPECT_THAT(refusal({in("none.jpg")}), HasSubstr("none.jpg' is no file, folder, pattern or URL"));
  std::ofstream(folder / "film.MP4") << "x";
  EXPECT_THAT(refusal({in("film.MP4")}), HasSubstr("is a video"));
  fs::create_directories(folder / "empty/below");
  EXPECT_THAT(refusal({in("empty")}), HasSubstr("--recursive"));
}

}  // namespace
}  // namespace osprey::cli
