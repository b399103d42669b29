#include "registry/model_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_models.hpp"

namespace osprey::registry {
namespace {

using testing::ElementsAre;

class ModelFolderTest : public testing::Test {
 protected:
  ModelFolder open() {
    auto folder = ModelFolder::open(root.path());
    EXPECT_TRUE(folder);
    return std::move(folder).value();
  }
  Code find_error(std::string_view id) {
    const auto found = open().find(id);
    EXPECT_FALSE(found) << id;
    return found ? Code::internal : found.error().code;
  }
  TemporaryFolder root;
};

TEST(ModelId, HasOneOrTwoSafeSegments) {
  EXPECT_TRUE(check_model_id("project/1"));
  EXPECT_TRUE(check_model_id("yolov8n-640"));
  using namespace std::string_view_literals;
  for (const auto id :
       {""sv, "a/b/c"sv, "/1"sv, "a/"sv, "a//1"sv, "../1"sv, "a/.."sv, "./a"sv, "a\0b/1"sv, "a\\b/1"sv, "a\n/1"sv}) {
    const auto checked = check_model_id(id);
    ASSERT_FALSE(checked) << id;
    EXPECT_EQ(checked.error().code, Code::invalid_argument);
    EXPECT_TRUE(checked.error().message.starts_with("Invalid Model ID sent in request."));
  }
  EXPECT_FALSE(check_model_id(std::string(513, 'a')));
}

TEST_F(ModelFolderTest, FindsAPackageByProjectAndVersion) {
  write_fake_detector(root.path(), "fruit/3");
  EXPECT_TRUE(open().find("fruit/3"));
  EXPECT_TRUE(open().find("fruit/003")) << "a version is a number";
  EXPECT_EQ(find_error("fruit/4"), Code::not_found);
  EXPECT_EQ(find_error("fruit"), Code::not_found);
}

TEST_F(ModelFolderTest, SeesWhatIsPutThereLater) {
  const auto folder = open();
  EXPECT_FALSE(folder.find("late/1"));
  write_fake_detector(root.path(), "late/1");
  EXPECT_TRUE(folder.find("late/1"));
}

TEST_F(ModelFolderTest, ListsPackagesAndNothingElse) {
  write_fake_detector(root.path(), "b/1");
  write_fake_detector(root.path(), "a/2");
  write_fake_detector(root.path(), "flat");
  write_file(root.path() / "notes/1/readme.txt", "no model");
  EXPECT_THAT(open().list(), ElementsAre("a/2", "b/1", "flat"));
}

TEST_F(ModelFolderTest, TellsTheVersionsOfAProject) {
  write_fake_detector(root.path(), "a/1");
  write_fake_detector(root.path(), "a/10");
  write_file(root.path() / "a/notes/readme.txt", "no model");
  EXPECT_THAT(open().versions("a"), testing::UnorderedElementsAre("1", "10"));
  for (const char* project : {"b", "", "..", ".", "a/1", "../a"}) {
    EXPECT_THAT(open().versions(project), testing::IsEmpty()) << project;
  }
}

TEST_F(ModelFolderTest, RefusesLinksOutOfTheFolder) {
  TemporaryFolder outside;
  write_fake_detector(outside.path(), "secret/1");
  write_fake_detector(root.path(), "own/1");
  std::filesystem::create_directory_symlink(outside.path() / "secret", root.path() / "linked");
  EXPECT_EQ(find_error("linked/1"), Code::permission_denied);
  std::filesystem::remove(root.path() / "own/1/class_names.txt");
  std::filesystem::create_symlink(outside.path() / "secret/1/class_names.txt", root.path() / "own/1/class_names.txt");
  EXPECT_EQ(find_error("own/1"), Code::permission_denied);
}

TEST_F(ModelFolderTest, FollowsLinksWithinTheFolder) {
  write_fake_detector(root.path(), "own/1");
  write_fake_detector(root.path(), "twin/1");
  std::filesystem::remove(root.path() / "twin/1/weights.onnx");
  std::filesystem::create_symlink("../../own/1/weights.onnx", root.path() / "twin/1/weights.onnx");
  EXPECT_TRUE(open().find("twin/1"));
}

TEST(ModelFolder, NamesAFolderThatIsMissing) {
  const auto folder = ModelFolder::open("/no/such/folder");
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("/no/such/folder"), std::string::npos);
}

}  // namespace
}  // namespace osprey::registry
