#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using vision::ResizeMode;
using vision::Size;
using vision::Task;

class ModelJsonFile : public ::testing::Test {
 protected:
  // model.json of a detector with two classes, changed by an RFC 7386 merge patch.
  void write(std::string_view patch = "{}") const {
    auto model =
        nlohmann::json::parse(R"({"task": "object-detection", "architecture": "yolov8", "classes": ["a", "b"]})");
    model.merge_patch(nlohmann::json::parse(patch));
    folder.write("model.json", model.dump());
  }
  [[nodiscard]] Result<Package> read() const { return read_package(folder.path(), graph); }

  PackageFolder folder;
  GraphInfo graph = graph_of({-1, 3, 416, 416});
};

TEST_F(ModelJsonFile, NeedsOnlyTaskArchitectureAndClasses) {
  write();
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::object_detection);
  EXPECT_EQ(package.family.architecture, "yolov8");
  EXPECT_THAT(package.family.class_names, ElementsAre("a", "b"));
  EXPECT_EQ(package.preprocess.network, (Size{416, 416}));
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(package.preprocess.padding_value, 114);
  EXPECT_EQ(package.preprocess.letterbox_anchor, vision::LetterboxAnchor::center);
  EXPECT_FALSE(package.family.fused);
  EXPECT_EQ(package.max_batch_size, 8);
}

TEST_F(ModelJsonFile, HasDefaultsByArchitecture) {
  write(R"({"architecture": "yolox-nano"})");
  ASSERT_READ(yolox, read());
  EXPECT_EQ(yolox.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(yolox.preprocess.padding_value, 114);
  EXPECT_EQ(yolox.preprocess.letterbox_anchor, vision::LetterboxAnchor::top_left);
  EXPECT_EQ(yolox.preprocess.color_mode, vision::ColorMode::bgr);
  EXPECT_FALSE(yolox.preprocess.scaling_factor);
  EXPECT_FALSE(yolox.preprocess.normalization);

  write(R"({"architecture": "rfdetr-nano"})");
  ASSERT_READ(rfdetr, read());
  EXPECT_EQ(rfdetr.preprocess.resize_mode, ResizeMode::stretch);
  EXPECT_EQ(rfdetr.preprocess.resampling, vision::Resampling::pillow_bilinear);
  ASSERT_TRUE(rfdetr.preprocess.normalization);
  EXPECT_FLOAT_EQ(rfdetr.preprocess.normalization->std[2], 0.225F);

  write(R"({"task": "classification", "architecture": "resnet50"})");
  ASSERT_READ(resnet, read());
  EXPECT_EQ(resnet.preprocess.resize_mode, ResizeMode::stretch);
  EXPECT_FLOAT_EQ(resnet.preprocess.normalization.value().mean[0], 0.485F);
  EXPECT_FALSE(resnet.family.fused);

  write(R"({"task": "classification", "architecture": "vit"})");
  ASSERT_READ(vit, read());
  EXPECT_FLOAT_EQ(vit.preprocess.normalization.value().mean[0], 0.5F);

  write(R"({"task": "classification", "architecture": "yolov8"})");
  ASSERT_READ(yolo_classifier, read());
  EXPECT_TRUE(yolo_classifier.family.fused);
  EXPECT_EQ(yolo_classifier.preprocess.resize_mode, ResizeMode::stretch);
}

TEST_F(ModelJsonFile, TakesTheNamesOfTrainersForTasks) {
  write(R"({"task": "segment"})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::instance_segmentation);
}

TEST_F(ModelJsonFile, SetsEveryFieldOfTheInput) {
  graph = graph_of({-1, 3, -1, -1});
  write(R"({"input": {"width": 320, "height": 192, "resize_mode": "center-crop", "padding_value": 7,
      "color_mode": "bgr", "scaling_factor": 127.5, "normalization": [[1, 2, 3], [4, 5, 6]]},
      "confidence": 0.35, "fused": true})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.network, (Size{320, 192}));
  EXPECT_EQ(package.family.network, (Size{320, 192}));
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::center_crop);
  EXPECT_EQ(package.preprocess.padding_value, 7);
  EXPECT_EQ(package.preprocess.color_mode, vision::ColorMode::bgr);
  EXPECT_EQ(package.preprocess.scaling_factor, 127.5F);
  EXPECT_THAT(package.preprocess.normalization.value().mean, ElementsAre(1.0F, 2.0F, 3.0F));
  EXPECT_EQ(package.family.recommended.confidence, 0.35F);
  EXPECT_TRUE(package.family.fused);
}

TEST_F(ModelJsonFile, PutsTheImageOfALetterboxWhereItSays) {
  write(R"({"input": {"letterbox_anchor": "top-left"}})");
  ASSERT_READ(yolo, read());
  EXPECT_EQ(yolo.preprocess.letterbox_anchor, vision::LetterboxAnchor::top_left);
  write(R"({"architecture": "yolox", "input": {"letterbox_anchor": "center"}})");
  ASSERT_READ(yolox, read());
  EXPECT_EQ(yolox.preprocess.letterbox_anchor, vision::LetterboxAnchor::center);
}

TEST_F(ModelJsonFile, TurnsScalingAndNormalizationOffWithNull) {
  folder.write("model.json", R"({"task": "object-detection", "architecture": "rfdetr", "classes": ["a"],
      "input": {"scaling_factor": null, "normalization": null}})");
  ASSERT_READ(package, read());
  EXPECT_FALSE(package.preprocess.scaling_factor);
  EXPECT_FALSE(package.preprocess.normalization);
}

TEST_F(ModelJsonFile, TakesItsClassesFromAFile) {
  folder.write("coco.txt", "cup\r\n\nfork\r\n");
  write(R"({"classes": "coco.txt"})");
  ASSERT_READ(package, read());
  EXPECT_THAT(package.family.class_names, ElementsAre("cup", "fork"));
}

TEST_F(ModelJsonFile, LeavesClassesToTheOtherFiles) {
  write(R"({"classes": null})");
  EXPECT_THAT(message_of(read()), HasSubstr("class_names.txt"));
  graph.metadata["names"] = "{0: 'x', 1: 'y'}";
  ASSERT_READ(metadata, read());
  EXPECT_THAT(metadata.family.class_names, ElementsAre("x", "y"));
  folder.write("class_names.txt", "one\n");
  ASSERT_READ(file, read());
  EXPECT_THAT(file.family.class_names, ElementsAre("one"));
}

TEST_F(ModelJsonFile, TellsKeypointsOfAllClasses) {
  write(R"({"task": "keypoint-detection", "keypoints": ["nose", "tail"]})");
  ASSERT_READ(package, read());
  ASSERT_EQ(package.family.skeletons.size(), 2U);
  EXPECT_THAT(package.family.skeletons[1].keypoints, ElementsAre("nose", "tail"));
}

TEST_F(ModelJsonFile, OverridesTheNewerLayout) {
  folder.write("inference_config.json", config_text());
  graph = graph_of({-1, 3, 192, 320});
  write(R"({"input": {"padding_value": 3}, "fused": true})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.padding_value, 3);
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(package.max_batch_size, 4);
  EXPECT_TRUE(package.family.fused);
}

struct Wrong {
  const char* patch;
  const char* expected;  // in the message
  Code code = Code::invalid_argument;
};

class WrongModelJson : public ModelJsonFile, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongModelJson, IsRefusedNamingFileFieldAndWhatIsAllowed) {
  write(GetParam().patch);
  const auto result = read();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().message;
  EXPECT_THAT(result.error().message, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, WrongModelJson,
    ::testing::Values(
        Wrong{R"({"colour": 1})",
              "model.json: colour is not a known field; known: task, architecture, classes, keypoints, input, "
              "confidence, fused"},
        Wrong{R"({"input": {"size": 1}})",
              "model.json: input.size is not a known field; known: width, height, resize_mode, padding_value, "
              "letterbox_anchor, color_mode, scaling_factor, normalization"},
        Wrong{R"({"task": "cooking"})", "model.json: task is 'cooking'; allowed: object-detection, "},
        Wrong{R"({"task": null})", "does not say its task"},
        Wrong{R"({"architecture": null})", "does not say its architecture (its task is object-detection)"},
        Wrong{R"({"architecture": 8})", "model.json: architecture is 8; a string"},
        Wrong{R"({"classes": []})", "model.json: classes is []; at least one name"},
        Wrong{R"({"classes": ["a", ""]})", "model.json: classes[1] is ''; a name"},
        Wrong{R"({"classes": "../secret.txt"})", "model.json: classes is '../secret.txt'; a list of names, or"},
        Wrong{R"({"classes": "/etc/hostname"})", "model.json: classes is '/etc/hostname'; a list of names, or"},
        Wrong{R"({"classes": ".."})", "model.json: classes is '..'; a list of names, or"},
        Wrong{R"({"classes": "absent.txt"})", "model.json: classes is 'absent.txt'; there is no such file"},
        Wrong{R"({"input": {"resize_mode": "fit-longer-edge"}})",
              "model.json: input.resize_mode is 'fit-longer-edge'; allowed: stretch, letterbox, center-crop"},
        Wrong{R"({"architecture": "rfdetr", "input": {"resize_mode": "letterbox"}})", "RF-DETR always stretches",
              Code::unsupported},
        Wrong{R"({"input": {"letterbox_anchor": "bottom"}})",
              "model.json: input.letterbox_anchor is 'bottom'; allowed: center, top-left"},
        Wrong{R"({"input": {"color_mode": "grey"}})", "model.json: input.color_mode is 'grey'; allowed: rgb, bgr"},
        Wrong{R"({"input": {"width": 320}})", "the package says that the network takes 416x320 (height x width)",
              Code::data_corrupted},
        Wrong{R"({"input": {"normalization": 1}})", "model.json: input.normalization is 1; an array"},
        Wrong{R"({"confidence": 1.5})", "model.json: confidence is 1.5; a number from 0 to 1"},
        Wrong{R"({"fused": "yes"})", "model.json: fused is 'yes'; true or false"}));

TEST_F(ModelJsonFile, CutsMessagesOfHugeFieldNames) {
  folder.write("model.json", "{\"" + std::string(1'000'000, 'x') + "\": 1}");
  EXPECT_LT(message_of(read()).size(), 3000U);
}

}  // namespace
}  // namespace osprey::package
