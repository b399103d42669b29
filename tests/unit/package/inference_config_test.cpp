#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using vision::ResizeMode;
using vision::Size;
using vision::Task;

using InferenceConfigFile = NewerLayout;

TEST_F(InferenceConfigFile, BecomesThePlan) {
  ASSERT_READ(package, read());
  EXPECT_EQ(package.weights.filename(), "weights.onnx");
  EXPECT_EQ(package.folder, folder.path());
  EXPECT_EQ(package.family.task, Task::object_detection);
  EXPECT_EQ(package.family.architecture, "yolov8");
  EXPECT_THAT(package.family.class_names, ElementsAre("cat", "dog"));
  EXPECT_FALSE(package.family.fused);
  EXPECT_EQ(package.family.network, (Size{320, 192}));
  EXPECT_EQ(package.preprocess.network, (Size{320, 192}));
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(package.preprocess.padding_value, 127);
  EXPECT_EQ(package.preprocess.resampling, vision::Resampling::opencv_bilinear);
  EXPECT_EQ(package.preprocess.color_mode, vision::ColorMode::rgb);
  EXPECT_EQ(package.preprocess.scaling_factor, 255.0F);
  EXPECT_FALSE(package.preprocess.normalization);
  EXPECT_FALSE(package.preprocess.static_crop);
  EXPECT_FALSE(package.preprocess.grayscale);
  EXPECT_EQ(package.preprocess.contrast, vision::Contrast::none);
  EXPECT_EQ(package.max_batch_size, 4);
  EXPECT_FALSE(package.dynamic_input_size);
  EXPECT_EQ(package.quantization, "fp32");
}

TEST_F(InferenceConfigFile, ReadsTheImageSteps) {
  configure(R"({"image_pre_processing": {
      "static-crop": {"enabled": true, "x_min": 10, "x_max": 85, "y_min": 20, "y_max": 95},
      "grayscale": {"enabled": true}, "contrast": {"enabled": true, "type": "Adaptive Equalization"}}})");
  ASSERT_READ(package, read());
  ASSERT_TRUE(package.preprocess.static_crop);
  EXPECT_EQ(package.preprocess.static_crop->x_min, 10);
  EXPECT_EQ(package.preprocess.static_crop->x_max, 85);
  EXPECT_EQ(package.preprocess.static_crop->y_min, 20);
  EXPECT_EQ(package.preprocess.static_crop->y_max, 95);
  EXPECT_TRUE(package.preprocess.grayscale);
  EXPECT_EQ(package.preprocess.contrast, vision::Contrast::adaptive_equalization);
}

TEST_F(InferenceConfigFile, LeavesOutStepsThatAreNotEnabled) {
  configure(R"({"image_pre_processing": {
      "static-crop": {"enabled": false, "x_min": 10, "x_max": 85, "y_min": 20, "y_max": 95},
      "grayscale": {"enabled": false}, "contrast": {"enabled": false, "type": "Contrast Stretching"}}})");
  ASSERT_READ(package, read());
  EXPECT_FALSE(package.preprocess.static_crop);
  EXPECT_FALSE(package.preprocess.grayscale);
  EXPECT_EQ(package.preprocess.contrast, vision::Contrast::none);
}

TEST_F(InferenceConfigFile, ReadsColorScaleAndNormalization) {
  configure(R"({"network_input": {"color_mode": "bgr", "scaling_factor": null,
                                  "normalization": [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]}})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.color_mode, vision::ColorMode::bgr);
  EXPECT_FALSE(package.preprocess.scaling_factor);
  ASSERT_TRUE(package.preprocess.normalization);
  EXPECT_THAT(package.preprocess.normalization->mean, ElementsAre(0.1F, 0.2F, 0.3F));
  EXPECT_THAT(package.preprocess.normalization->std, ElementsAre(0.4F, 0.5F, 0.6F));
}

struct Substitution {
  const char* task;
  const char* architecture;
  const char* mode;
  const char* padding;  // JSON
  ResizeMode expected;
  int expected_padding;
};

class ResizeSubstitution : public NewerLayout, public ::testing::WithParamInterface<Substitution> {};

TEST_P(ResizeSubstitution, FollowsTheArchitecture) {
  const Substitution& row = GetParam();
  name(row.task, row.architecture);
  const char* post = row.task == std::string("classification") ? "softmax" : "nms";
  configure(R"({"network_input": {"resize_mode": ")" + std::string(row.mode) + R"(", "padding_value": )" + row.padding +
            R"(}, "post_processing": {"type": ")" + post + R"("}})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.resize_mode, row.expected);
  if (row.expected == ResizeMode::letterbox) {
    EXPECT_EQ(package.preprocess.padding_value, row.expected_padding);
  }
}

constexpr const char* kDetect = "object-detection";
INSTANTIATE_TEST_SUITE_P(
    Modes, ResizeSubstitution,
    ::testing::Values(Substitution{kDetect, "yolov8", "stretch", "127", ResizeMode::stretch, 0},
                      Substitution{kDetect, "yolov8", "letterbox", "null", ResizeMode::letterbox, 0},
                      Substitution{kDetect, "yolov8", "center-crop", "0", ResizeMode::center_crop, 0},
                      Substitution{kDetect, "yolov8", "letterbox-reflect-edges", "9", ResizeMode::letterbox, 9},
                      Substitution{kDetect, "yolov8", "fit-longer-edge", "0", ResizeMode::letterbox, 127},
                      Substitution{kDetect, "yolov5", "fit-longer-edge", "0", ResizeMode::letterbox, 127},
                      Substitution{"semantic-segmentation", "deep-lab-v3-plus", "fit-longer-edge", "127",
                                   ResizeMode::letterbox, 0},
                      Substitution{"classification", "resnet18", "fit-longer-edge", "0", ResizeMode::stretch, 0},
                      Substitution{"classification", "vit", "fit-longer-edge", "0", ResizeMode::stretch, 0},
                      Substitution{kDetect, "rfdetr", "fit-longer-edge", "0", ResizeMode::stretch, 0},
                      Substitution{kDetect, "rfdetr", "letterbox", "127", ResizeMode::stretch, 0}));

TEST_F(InferenceConfigFile, GivesRfdetrPillowsStretch) {
  name("object-detection", "rfdetr-nano");
  configure(R"({"post_processing": null})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.resampling, vision::Resampling::pillow_bilinear);
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::stretch);
  EXPECT_FALSE(package.preprocess.intermediate);
}

TEST_F(InferenceConfigFile, GivesRfdetrTwoStepsWhenTheDatasetWasResized) {
  name("object-detection", "rfdetr");
  const std::string dims = R"("dataset_version_resize_dimensions": {"height": 480, "width": 640})";
  configure(R"({"network_input": {"resize_mode": "letterbox", )" + dims + "}}");
  ASSERT_READ(two_steps, read());
  EXPECT_EQ(two_steps.preprocess.intermediate, (Size{640, 480}));
  EXPECT_EQ(two_steps.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(two_steps.preprocess.padding_value, 127);

  for (const char* mode : {"stretch", "fit-longer-edge"}) {
    configure(R"({"network_input": {"resize_mode": ")" + std::string(mode) + "\", " + dims + "}}");
    ASSERT_READ(one_step, read());
    EXPECT_FALSE(one_step.preprocess.intermediate) << mode;
    EXPECT_EQ(one_step.preprocess.resize_mode, ResizeMode::stretch) << mode;
  }
}

TEST_F(InferenceConfigFile, IgnoresTheDatasetsSizeForOtherFamilies) {
  configure(R"({"network_input": {"dataset_version_resize_dimensions": {"height": 480, "width": 640}}})");
  ASSERT_READ(package, read());
  EXPECT_FALSE(package.preprocess.intermediate);
}

TEST_F(InferenceConfigFile, LetsRfdetrsScalingCountOnlyWithoutNormalization) {
  name("object-detection", "rfdetr");
  configure(R"({"network_input": {"scaling_factor": 127}})");
  ASSERT_READ(plain, read());
  EXPECT_EQ(plain.preprocess.scaling_factor, 127.0F);
  configure(R"({"network_input": {"scaling_factor": 127, "normalization": [[0, 0, 0], [1, 1, 1]]}})");
  ASSERT_READ(normalized, read());
  EXPECT_EQ(normalized.preprocess.scaling_factor, 255.0F);
}

TEST_F(InferenceConfigFile, TellsRemovedClassesAndKeepsAllNames) {
  name("object-detection", "rfdetr");
  configure(R"({"class_names_operations": [{"type": "class_name_removal", "class_name": "cat"}]})");
  ASSERT_READ(package, read());
  EXPECT_THAT(package.family.removed_classes, ElementsAre("cat"));
  EXPECT_THAT(package.family.class_names, ElementsAre("cat", "dog"));
}

TEST_F(InferenceConfigFile, TellsFusedPostProcessing) {
  configure(R"({"post_processing": {"fused": true}})");
  ASSERT_READ(package, read());
  EXPECT_TRUE(package.family.fused);
}

TEST_F(InferenceConfigFile, KeepsTheTrainingSizeWhenOthersAreSupported) {
  graph = graph_of({-1, 3, -1, -1});
  configure(R"({"network_input": {"dynamic_spatial_size_supported": true,
                                  "dynamic_spatial_size_mode": {"type": "pad-to-be-divisible", "value": 32}}})");
  ASSERT_READ(package, read());
  EXPECT_TRUE(package.dynamic_input_size);
  EXPECT_EQ(package.preprocess.network, (Size{320, 192}));
}

struct Wrong {
  const char* patch;
  const char* expected;  // in the message
};

class WrongInferenceConfig : public NewerLayout, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongInferenceConfig, IsRefusedNamingFileFieldAndWhatIsAllowed) {
  configure(GetParam().patch);
  const auto result = read();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::data_corrupted);
  EXPECT_THAT(result.error().message,
              ::testing::AllOf(HasSubstr("inference_config.json"), HasSubstr(GetParam().expected)));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, WrongInferenceConfig,
    ::testing::Values(
        Wrong{R"({"network_input": null})", "network_input is missing; an object"},
        Wrong{R"({"network_input": 5})", "network_input is 5; an object"},
        Wrong{R"({"network_input": {"resize_mode": "foo"}})",
              "network_input.resize_mode is 'foo'; allowed: stretch, letterbox, center-crop, fit-longer-edge, "
              "letterbox-reflect-edges"},
        Wrong{R"({"network_input": {"color_mode": null}})", "network_input.color_mode is missing; allowed: rgb, bgr"},
        Wrong{R"({"network_input": {"training_input_size": null}})", "network_input.training_input_size is missing"},
        Wrong{R"({"network_input": {"training_input_size": {"height": 0}}})",
              "network_input.training_input_size.height is 0; a whole number from 1 to 8192"},
        Wrong{R"({"network_input": {"training_input_size": {"width": 1e12}}})", "training_input_size.width is 1"},
        Wrong{R"({"network_input": {"training_input_size": {"width": 320.5}}})", "training_input_size.width is 320.5"},
        Wrong{R"({"network_input": {"training_input_size": {"width": "320"}}})", "training_input_size.width is '320'"},
        Wrong{R"({"network_input": {"dynamic_spatial_size_supported": "no"}})",
              "network_input.dynamic_spatial_size_supported is 'no'; true or false"},
        Wrong{R"({"network_input": {"dynamic_spatial_size_mode": {"type": "odd"}}})",
              "dynamic_spatial_size_mode.type is 'odd'; allowed: pad-to-be-divisible, any-size"},
        Wrong{R"({"network_input": {"input_channels": 1}})", "network_input.input_channels is 1; only networks with 3"},
        Wrong{R"({"network_input": {"input_channels": null}})", "network_input.input_channels is missing"},
        Wrong{R"({"network_input": {"padding_value": 256}})", "network_input.padding_value is 256; a whole number"},
        Wrong{R"({"network_input": {"scaling_factor": 0}})", "network_input.scaling_factor is 0; a number from"},
        Wrong{R"({"network_input": {"normalization": [[0, 0, 0]]}})", "network_input.normalization is [[0,0,0]]; "},
        Wrong{R"({"network_input": {"normalization": [[0, 0, 0], [1, 1]]}})",
              "network_input.normalization[1] is [1,1]"},
        Wrong{R"({"network_input": {"normalization": [[0, 0, 0], [1, 0, 1]]}})",
              "network_input.normalization[1][1] is 0"},
        Wrong{R"({"image_pre_processing": []})", "image_pre_processing is []; an object"},
        Wrong{R"({"image_pre_processing": {"static-crop": {"enabled": true, "x_min": 90, "x_max": 10, "y_min": 0,
                  "y_max": 100}}})",
              "image_pre_processing.static-crop.x_min is 90; a number below x_max"},
        Wrong{R"({"image_pre_processing": {"static-crop": {"enabled": true, "x_min": -1, "x_max": 10, "y_min": 0,
                  "y_max": 100}}})",
              "static-crop.x_min is -1"},
        Wrong{R"({"image_pre_processing": {"contrast": {"enabled": true, "type": "More"}}})",
              "contrast.type is 'More'; allowed: Contrast Stretching"},
        Wrong{R"({"forward_pass": {"max_dynamic_batch_size": 0}})", "forward_pass.max_dynamic_batch_size is 0"},
        Wrong{R"({"post_processing": {"type": "magic"}})", "post_processing.type is 'magic'; allowed: nms"},
        Wrong{R"({"post_processing": {"fused": "no"}})", "post_processing.fused is 'no'"},
        Wrong{R"({"post_processing": {"type": "softmax"}})",
              "post_processing.type is 'softmax'; object-detection with yolov8 needs 'nms'"},
        Wrong{R"({"post_processing": null})", "post_processing.type is missing; object-detection with yolov8 needs"},
        Wrong{R"({"class_names_operations": [{"type": "rename"}]})", "class_names_operations[0].type is 'rename'"}));

TEST_F(InferenceConfigFile, IsRefusedWhenItIsNoJson) {
  folder.write("inference_config.json", "{\"network_input\": ");
  EXPECT_THAT(message_of(read()), HasSubstr("inference_config.json is not valid JSON"));
  folder.write("inference_config.json", std::string(100'000, '['));
  EXPECT_THAT(message_of(read()), HasSubstr("inference_config.json is nested more than 64 levels deep"));
  folder.write("inference_config.json", "7");
  EXPECT_THAT(message_of(read()), HasSubstr("inference_config.json is 7; an object is expected"));
  folder.write("inference_config.json", std::string((std::size_t{8} << 20U) + 1, ' '));
  EXPECT_THAT(message_of(read()), HasSubstr("inference_config.json has more than 8 MiB"));
}

TEST_F(InferenceConfigFile, IsRefusedWhenItIsNoFile) {
  folder.remove("inference_config.json");
  std::filesystem::create_directory(folder.path() / "inference_config.json");
  EXPECT_THAT(message_of(read()), HasSubstr("inference_config.json is not a regular file"));
}

struct PostProcessingRule {
  const char* task;
  const char* architecture;
  const char* type;  // JSON
  bool allowed;
};

class PostProcessingRules : public NewerLayout, public ::testing::WithParamInterface<PostProcessingRule> {};

TEST_P(PostProcessingRules, GoByTaskAndArchitecture) {
  const PostProcessingRule& rule = GetParam();
  name(rule.task, rule.architecture);
  configure(R"({"post_processing": )" + std::string(rule.type) + "}");
  EXPECT_EQ(read().has_value(), rule.allowed) << message_of(read());
}

constexpr const char* kNms = R"({"type": "nms"})";
constexpr const char* kSoftmax = R"({"type": "softmax"})";
constexpr const char* kSigmoid = R"({"type": "sigmoid"})";
INSTANTIATE_TEST_SUITE_P(Rules, PostProcessingRules,
                         ::testing::Values(PostProcessingRule{kDetect, "yolov11n", kNms, true},
                                           PostProcessingRule{kDetect, "yolov11n", "null", false},
                                           PostProcessingRule{kDetect, "yolo_nas_s", kSoftmax, false},
                                           PostProcessingRule{"instance-segmentation", "yolov8n-seg", "null", false},
                                           PostProcessingRule{kDetect, "yolov10n", "null", true},
                                           PostProcessingRule{kDetect, "yolov5", "null", true},
                                           PostProcessingRule{kDetect, "rfdetr", "null", true},
                                           PostProcessingRule{"classification", "vit", kSoftmax, true},
                                           PostProcessingRule{"classification", "yolov8n-cls", kSoftmax, true},
                                           PostProcessingRule{"classification", "vit", kSigmoid, false},
                                           PostProcessingRule{"classification", "vit", "null", false},
                                           PostProcessingRule{"multi-label-classification", "vit", kSigmoid, true},
                                           PostProcessingRule{"multi-label-classification", "vit", kSoftmax, false},
                                           PostProcessingRule{"semantic-segmentation", "deeplabv3plus", "null", true}));

}  // namespace
}  // namespace osprey::package
