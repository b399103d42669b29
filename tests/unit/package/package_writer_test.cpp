#include "package/package_writer.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "package_folder.hpp"

namespace osprey::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string bytes_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

TEST(PackageWriter, WhatIsWrittenIsReadBack) {
  ModelJson model;
  model.task = vision::Task::keypoint_detection;
  model.architecture = "yolov8";
  model.keypoints = {"wrist", "\"thumb\""};
  model.width = 640;
  model.height = 384;
  model.resize_mode = PackageResizeMode::letterbox;
  model.padding_value = 0;
  model.letterbox_anchor = vision::LetterboxAnchor::top_left;
  model.color_mode = vision::ColorMode::bgr;
  model.scaling_factor = std::optional(127.5F);
  model.normalization = std::optional(imagenet_normalization());
  model.confidence = 0.4F;
  model.fused = false;
  const PackageFolder folder;
  ASSERT_TRUE(write_package(folder.path(), model));

  const auto read = read_model_json(folder.path());
  ASSERT_TRUE(read && *read) << (read ? "no file" : read.error().message);
  const ModelJson& back = **read;
  EXPECT_EQ(back.task, model.task);
  EXPECT_EQ(back.architecture, model.architecture);
  EXPECT_EQ(back.keypoints, model.keypoints);
  EXPECT_EQ(back.width, model.width);
  EXPECT_EQ(back.height, model.height);
  EXPECT_EQ(back.resize_mode, model.resize_mode);
  EXPECT_EQ(back.padding_value, model.padding_value);
  EXPECT_EQ(back.letterbox_anchor, model.letterbox_anchor);
  EXPECT_EQ(back.color_mode, model.color_mode);
  EXPECT_EQ(back.scaling_factor, model.scaling_factor);
  ASSERT_TRUE(back.normalization && *back.normalization);
  EXPECT_EQ((*back.normalization)->mean, (*model.normalization)->mean);
  EXPECT_EQ((*back.normalization)->std, (*model.normalization)->std);
  EXPECT_EQ(back.confidence, model.confidence);
  EXPECT_EQ(back.fused, model.fused);
}

TEST(PackageWriter, NoScalingIsWrittenAsNullAndAnUnsetFieldNotAtAll) {
  ModelJson model;
  model.scaling_factor = std::optional<float>{};
  const auto json = nlohmann::json::parse(model_json_text(model));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"input": {"scaling_factor": null}})"));
  EXPECT_EQ(nlohmann::json::parse(model_json_text({})), nlohmann::json::object());
}

TEST(PackageWriter, NumbersAreAsShortAsTheyWereGiven) {
  ModelJson model;
  model.confidence = 0.485F;
  EXPECT_THAT(model_json_text(model), HasSubstr("0.485\n"));
}

TEST(PackageWriter, ClassNamesGoToAFileOneALine) {
  const PackageFolder folder;
  ModelJson model;
  model.class_names = {"tea cup", "caf\xC3\xA9"};
  ASSERT_TRUE(write_package(folder.path(), model));
  EXPECT_EQ(bytes_of(folder.path() / "class_names.txt"), "tea cup\ncaf\xC3\xA9\n");
}

TEST(PackageWriter, ANameThatWouldNotBeReadBackIsRefused) {
  const PackageFolder folder;
  for (const auto* name : {"", " cat", "cat\r", "a\nb", "\xFF"}) {
    ModelJson model;
    model.class_names = {"dog", name};
    EXPECT_FALSE(write_package(folder.path(), model)) << '"' << name << '"';
  }
}

TEST(PackageWriter, CopiesAFileOrBytes) {
  const PackageFolder folder;
  const std::string bytes = std::string(3'000'000, 'x') + "end";
  folder.write("source.onnx", bytes);
  ASSERT_TRUE(write_weights(folder.path() / "source.onnx", folder.path() / "copy.onnx"));
  EXPECT_TRUE(bytes_of(folder.path() / "copy.onnx") == bytes);
  ASSERT_TRUE(write_weights(std::string_view("short"), folder.path() / "copy.onnx"));
  EXPECT_EQ(bytes_of(folder.path() / "copy.onnx"), "short");
}

TEST(PackageWriter, SaysWhatCannotBeReadOrWritten) {
  const PackageFolder folder;
  const auto unread = write_weights(folder.path() / "none.onnx", folder.path() / "copy.onnx");
  ASSERT_FALSE(unread);
  EXPECT_THAT(unread.error().message, HasSubstr("none.onnx cannot be read: No such file"));
  const auto unwritten = write_weights(std::string_view("x"), folder.path() / "none/copy.onnx");
  ASSERT_FALSE(unwritten);
  EXPECT_THAT(unwritten.error().message, HasSubstr("copy.onnx cannot be written: No such file"));
}

}  // namespace
}  // namespace osprey::package
