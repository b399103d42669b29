#include "package/model_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::package {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ModelFieldsTest : public testing::Test {
 protected:
  void set(std::string_view name, std::string_view text) {
    const auto* field = find_model_field(name);
    ASSERT_NE(field, nullptr) << name;
    const auto done = set_model_field(*field, text, name, model);
    EXPECT_TRUE(done) << done.error().message;
  }
  std::string refusal(std::string_view name, std::string_view text) {
    const auto* field = find_model_field(name);
    if (field == nullptr) return "no such field";
    const auto done = set_model_field(*field, text, name, model);
    return done ? "no error" : done.error().message;
  }

  ModelJson model;
};

TEST_F(ModelFieldsTest, SetsEachField) {
  set("task", "keypoint-detection");
  set("family", "yolov8");
  set("keypoints", "wrist,thumb");
  set("input_size", "640x384");
  set("resize_mode", "center-crop");
  set("padding_value", "114");
  set("letterbox_anchor", "top-left");
  set("color_mode", "bgr");
  set("scaling_factor", "127.5");
  set("normalization", "0.1,0.2,0.3/0.4,0.5,0.6");
  set("confidence", "0.25");
  set("fused", "true");
  EXPECT_EQ(model.task, vision::Task::keypoint_detection);
  EXPECT_EQ(model.architecture, "yolov8");
  EXPECT_THAT(model.keypoints, ElementsAre("wrist", "thumb"));
  EXPECT_EQ(model.width, 640);
  EXPECT_EQ(model.height, 384);
  EXPECT_EQ(model.resize_mode, PackageResizeMode::center_crop);
  EXPECT_EQ(model.padding_value, 114);
  EXPECT_EQ(model.letterbox_anchor, vision::LetterboxAnchor::top_left);
  EXPECT_EQ(model.color_mode, vision::ColorMode::bgr);
  EXPECT_EQ(model.scaling_factor, std::optional(127.5F));
  ASSERT_TRUE(model.normalization && *model.normalization);
  EXPECT_THAT((*model.normalization)->mean, ElementsAre(0.1F, 0.2F, 0.3F));
  EXPECT_THAT((*model.normalization)->std, ElementsAre(0.4F, 0.5F, 0.6F));
  EXPECT_EQ(model.confidence, 0.25F);
  EXPECT_EQ(model.fused, true);
}

TEST_F(ModelFieldsTest, NoneIsNotTheSameAsNothing) {
  set("scaling_factor", "none");
  set("normalization", "none");
  ASSERT_TRUE(model.scaling_factor);
  EXPECT_FALSE(*model.scaling_factor);
  ASSERT_TRUE(model.normalization);
  EXPECT_FALSE(*model.normalization);
}

TEST_F(ModelFieldsTest, TakesTrainersTaskNamesAndASquareSize) {
  set("task", "segment");
  set("input_size", "320");
  set("architecture", "rfdetr-seg-nano");
  EXPECT_EQ(model.task, vision::Task::instance_segmentation);
  EXPECT_EQ(model.width, 320);
  EXPECT_EQ(model.height, 320);
  EXPECT_EQ(model.architecture, "rfdetr-seg-nano");
}

TEST_F(ModelFieldsTest, AWrongTextIsNamedWithWhatIsAllowed) {
  EXPECT_THAT(refusal("task", "detekt"), HasSubstr("task is 'detekt'; allowed: object-detection, "));
  EXPECT_EQ(refusal("resize_mode", "fit"), "resize_mode is 'fit'; allowed: stretch, letterbox, center-crop");
  EXPECT_EQ(refusal("color_mode", "RGBA"), "color_mode is 'RGBA'; allowed: rgb, bgr");
  EXPECT_THAT(refusal("family", ""), HasSubstr("the name of a family"));
}

TEST_F(ModelFieldsTest, NumbersAreBoundedAndWhole) {
  for (const auto* text :
       {"", "x", "640x", "x640", "0x640", "640x-1", "640x99999999999999999999", "640x640x3", "640 x"}) {
    EXPECT_THAT(refusal("input_size", text), HasSubstr("width x height")) << text;
  }
  EXPECT_THAT(refusal("padding_value", "256"), HasSubstr("0 to 255"));
  for (const auto* text : {"nan", "inf", "-0.1", "1.1", "0.5f"}) {
    EXPECT_THAT(refusal("confidence", text), HasSubstr("0 to 1")) << text;
  }
  EXPECT_THAT(refusal("scaling_factor", "0"), HasSubstr("such as 255"));
  for (const auto* text : {"1,2,3", "1,2,3/1,2", "1,2,3/1,2,0", "1,2,3/1,2,3/4"}) {
    EXPECT_THAT(refusal("normalization", text), HasSubstr("three means and three deviations")) << text;
  }
  EXPECT_THAT(refusal("keypoints", "nose,,tail"), HasSubstr("names in the network's order"));
  EXPECT_THAT(refusal("fused", "maybe"), HasSubstr("true, false"));
}

TEST_F(ModelFieldsTest, KnowsNoOtherFields) {
  EXPECT_EQ(find_model_field("classes"), nullptr);
  EXPECT_EQ(find_model_field(""), nullptr);
}

}  // namespace
}  // namespace osprey::package
