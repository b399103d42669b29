#include "registry/staged_folder.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_models.hpp"
#include "registry/model_folder.hpp"

namespace osprey::registry {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class StagedFolderTest : public testing::Test {
 protected:
  static std::vector<std::string> entries(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  static StagedFolder staged(const fs::path& place) {
    auto made = StagedFolder::beside(place);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(made).value();
  }
  static std::string text_of(const fs::path& file) {
    std::string text;
    std::getline(std::ifstream(file), text);
    return text;
  }

  TemporaryFolder root;
  const fs::path target = root.path() / "models/a/1";
};

TEST_F(StagedFolderTest, PutsAFolderInPlaceAndLeavesNothingElse) {
  {
    auto folder = staged(target);
    write_file(folder.package() / "weights.onnx", "new");
    const auto replaced = folder.put_in_place(false);
    ASSERT_TRUE(replaced) << replaced.error().message;
    EXPECT_FALSE(*replaced);
  }
  EXPECT_THAT(entries(target.parent_path()), ElementsAre("1"));
  EXPECT_EQ(text_of(target / "weights.onnx"), "new");
}

TEST_F(StagedFolderTest, GivenUpItLeavesNotEvenTheFoldersAboveIt) {
  {
    write_file(staged(target).package() / "weights.onnx", "new");
  }
  EXPECT_THAT(entries(root.path()), IsEmpty());
}

TEST_F(StagedFolderTest, FoldersThatWereThereStay) {
  fs::create_directories(target.parent_path());
  {
    const auto folder = staged(target);
  }
  EXPECT_TRUE(fs::is_directory(target.parent_path()));
}

TEST_F(StagedFolderTest, WhatIsThereIsReplacedOnlyWhenAsked) {
  write_file(target / "weights.onnx", "old");
  auto folder = staged(target);
  write_file(folder.package() / "weights.onnx", "new");
  const auto refused = folder.put_in_place(false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_argument);
  EXPECT_EQ(text_of(target / "weights.onnx"), "old");
  const auto replaced = folder.put_in_place(true);
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_TRUE(*replaced);
  EXPECT_EQ(text_of(target / "weights.onnx"), "new");
}

TEST_F(StagedFolderTest, WhileItIsFilledThereIsNoPackage) {
  fs::create_directories(root.path() / "models");
  const auto models = ModelFolder::open(root.path() / "models");
  ASSERT_TRUE(models);
  const auto folder = staged(target);
  write_file(folder.package() / "weights.onnx", "new");
  EXPECT_THAT(models->list(), IsEmpty());
}

TEST_F(StagedFolderTest, AReplacedPackageIsNoPackageEither) {
  write_file(target / "weights.onnx", "old");
  const auto models = ModelFolder::open(root.path() / "models");
  auto folder = staged(target);
  write_file(folder.package() / "weights.onnx", "new");
  ASSERT_TRUE(folder.put_in_place(true));
  EXPECT_THAT(models->list(), ElementsAre("a/1"));
}

// The target is whole at every moment: this is what a running server reads.
TEST_F(StagedFolderTest, AReaderNeverMissesAFolderThatIsReplaced) {
  write_file(target / "weights.onnx", "old");
  std::atomic<bool> done{false};
  std::atomic<int> missed{0};
  std::jthread reader([&] {
    while (!done) missed += fs::exists(target / "weights.onnx") ? 0 : 1;
  });
  for (int i = 0; i < 50; ++i) {
    auto folder = staged(target);
    write_file(folder.package() / "weights.onnx", "new");
    ASSERT_TRUE(folder.put_in_place(true));
  }
  done = true;
  reader.join();
  EXPECT_EQ(missed, 0);
}

TEST_F(StagedFolderTest, TakesAFolderAway) {
  write_file(target / "weights.onnx", "old");
  {
    auto folder = staged(target);
    ASSERT_TRUE(folder.take_away());
    EXPECT_FALSE(fs::exists(target));
  }
  EXPECT_THAT(entries(target.parent_path()), IsEmpty());
}

TEST_F(StagedFolderTest, WhatAKilledProcessLeftIsSweptAndWhatIsInUseIsNot) {
  write_file(root.path() / "models/a/.staged-killed/in/package/weights.onnx", "half");
  const auto other = staged(root.path() / "models/a/2");
  const auto folder = staged(target);
  EXPECT_FALSE(fs::exists(root.path() / "models/a/.staged-killed"));
  EXPECT_TRUE(fs::is_directory(other.package()));
}

TEST_F(StagedFolderTest, SaysThatAPlaceCannotBeWritten) {
  write_file(root.path() / "models", "a file");
  const auto made = StagedFolder::beside(target);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::internal);
  EXPECT_THAT(made.error().message, testing::HasSubstr("cannot be made: Not a directory"));
}

}  // namespace
}  // namespace osprey::registry
