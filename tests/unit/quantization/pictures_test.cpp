#include "quantization/pictures.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "quantization/tensor_file.hpp"

namespace osprey::quantization {
namespace {

namespace fs = std::filesystem;

class Pictures : public testing::Test {
 protected:
  Pictures() { fs::create_directories(folder_); }
  ~Pictures() override { fs::remove_all(folder_); }
  Pictures(const Pictures&) = delete;
  Pictures& operator=(const Pictures&) = delete;

  void add(const std::string& name) { std::ofstream(folder_ / name) << "x"; }
  void add_numbered(int count) {
    for (int i = 0; i < count; ++i) add(std::to_string(1000 + i) + ".jpg");
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("pictures_" + std::to_string(getpid()));
};

TEST_F(Pictures, AreThoseOfTheFolderByTheirEndingsInOrder) {
  add_numbered(18);
  for (const auto* name : {"b.PNG", "a.webp", ".hidden.jpg", "notes.txt"}) add(name);
  fs::create_directories(folder_ / "folder.jpg");
  const auto files = list_pictures(folder_, 100);
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 20U);
  EXPECT_EQ(files->front().filename(), "1000.jpg");
  EXPECT_EQ(files->back().filename(), "b.PNG");
}

TEST_F(Pictures, TooFewAreRefusedWithTheNumberThatIsNeeded) {
  add_numbered(19);
  const auto files = list_pictures(folder_, 100);
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message.find("there are 19 pictures"), std::string::npos) << files.error().message;
  EXPECT_NE(files.error().message.find("at least 20"), std::string::npos);
}

TEST_F(Pictures, NoFolderIsTold) {
  const auto files = list_pictures(folder_ / "none", 100);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, Code::not_found);
}

TEST_F(Pictures, OfManySomeAreTakenAllOverTheFolder) {
  add_numbered(100);
  const auto files = list_pictures(folder_, 25);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 25U);
  EXPECT_EQ((*files)[1].filename(), "1004.jpg");
  EXPECT_EQ(files->back().filename(), "1096.jpg");
}

TEST_F(Pictures, ThatAreNoneAreNamed) {
  add("broken.jpg");
  const auto picture = read_picture(folder_ / "broken.jpg");
  ASSERT_FALSE(picture);
  EXPECT_TRUE(picture.error().message.starts_with("broken.jpg: "));
}

TEST_F(Pictures, TensorFilesHaveNumPysFormat) {
  const std::array<float, 6> values{0, 1, 2, 3, 4, 0.5F};
  ASSERT_TRUE(write_tensor(folder_ / "t.npy", {1, 2, 3}, values));
  std::ifstream in(folder_ / "t.npy", std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  // numpy.lib.format, version 1.0: magic, version, header length, header up to a multiple of 64, data.
  ASSERT_EQ(bytes.size(), 128 + sizeof values);
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(bytes.substr(10, 58), "{'descr': '<f4', 'fortran_order': False, 'shape': (1,2,3,)");
  EXPECT_EQ(bytes[127], '\n');
  EXPECT_EQ(bytes.substr(128 + 20), std::string("\x00\x00\x00\x3f", 4));
}

TEST_F(Pictures, ATensorThatCannotBeWrittenIsToldOf) {
  EXPECT_FALSE(write_tensor(folder_ / "no" / "t.npy", {1}, std::array<float, 1>{}));
}

}  // namespace
}  // namespace osprey::quantization
