#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using vision::ResizeMode;
using vision::Size;
using vision::Task;

class EnvironmentFile : public ::testing::Test {
 protected:
  EnvironmentFile() { type("object-detection", "yolov8n"); }

  void type(const std::string& task, const std::string& architecture) const {
    folder.write("model_type.json", nlohmann::json{{"project_task_type", task}, {"model_type", architecture}}.dump());
  }
  // The file with that PREPROCESSING (JSON) as the platform writes it: as text.
  void write(std::string_view preprocessing, const nlohmann::json& more = nlohmann::json::object()) const {
    nlohmann::json environment{{"PREPROCESSING", preprocessing}, {"CLASS_MAP", {{"0", "cat"}, {"1", "dog"}}}};
    environment.update(more);
    folder.write("environment.json", environment.dump());
  }
  void write_format(const std::string& format) const {
    write(R"({"resize": {"enabled": true, "width": 320, "height": 192, "format": ")" + format + "\"}}");
  }
  [[nodiscard]] Result<Package> read() const { return read_package(folder.path(), graph); }

  PackageFolder folder;
  GraphInfo graph = graph_of({-1, 3, 192, 320});
};

TEST_F(EnvironmentFile, BecomesThePlan) {
  write(R"({"auto-orient": {"enabled": true}, "grayscale": {"enabled": true},
            "static-crop": {"enabled": true, "x_min": 5, "x_max": 95, "y_min": 0, "y_max": 50},
            "contrast": {"enabled": true, "type": "Contrast Stretching"}})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::object_detection);
  EXPECT_EQ(package.family.architecture, "yolov8n");
  EXPECT_THAT(package.family.class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(package.preprocess.network, (Size{320, 192}));
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::stretch);
  EXPECT_EQ(package.preprocess.color_mode, vision::ColorMode::rgb);
  EXPECT_EQ(package.preprocess.scaling_factor, 255.0F);
  EXPECT_FALSE(package.preprocess.normalization);
  EXPECT_TRUE(package.preprocess.grayscale);
  EXPECT_EQ(package.preprocess.contrast, vision::Contrast::stretching);
  ASSERT_TRUE(package.preprocess.static_crop);
  EXPECT_EQ(package.preprocess.static_crop->y_max, 50);
  EXPECT_EQ(package.max_batch_size, 8);
}

TEST_F(EnvironmentFile, TakesPreprocessingAsAnObjectToo) {
  folder.write("environment.json", R"({"PREPROCESSING": {"grayscale": {"enabled": true}}, "CLASS_MAP": {"0": "a"}})");
  ASSERT_READ(package, read());
  EXPECT_TRUE(package.preprocess.grayscale);
}

TEST_F(EnvironmentFile, KnowsTheOlderResizeFormats) {
  struct Row {
    const char* format;
    ResizeMode mode;
    int padding;
  };
  for (const Row& row :
       {Row{"Stretch to", ResizeMode::stretch, 0}, Row{"Fit (black edges) in", ResizeMode::letterbox, 0},
        Row{"Fit (white edges) in", ResizeMode::letterbox, 255}, Row{"Fit (grey edges) in", ResizeMode::letterbox, 114},
        Row{"Fit (reflect edges) in", ResizeMode::letterbox, 0}, Row{"Fit within", ResizeMode::letterbox, 0},
        Row{"Fill (with center crop) in", ResizeMode::letterbox, 0}, Row{"Something new", ResizeMode::stretch, 0}}) {
    write_format(row.format);
    ASSERT_READ(package, read());
    EXPECT_EQ(package.preprocess.resize_mode, row.mode) << row.format;
    if (row.mode == ResizeMode::letterbox) {
      EXPECT_EQ(package.preprocess.padding_value, row.padding) << row.format;
    }
  }
}

TEST_F(EnvironmentFile, NormalizesByArchitecture) {
  struct Row {
    const char* task;
    const char* architecture;
    float mean;  // of the first channel; 0: not normalised
  };
  write("{}");
  for (const Row& row :
       {Row{"classification", "vit", 0.5F}, Row{"classification", "yolov8n-cls", 0.5F},
        Row{"classification", "resnet18", 0.485F}, Row{"object-detection", "rfdetr-base", 0.485F},
        Row{"semantic-segmentation", "deep-lab-v3-plus", 0.485F}, Row{"object-detection", "yolov5v6s", 0}}) {
    type(row.task, row.architecture);
    ASSERT_READ(package, read());
    EXPECT_EQ(package.preprocess.normalization.has_value(), row.mean > 0) << row.architecture;
    if (package.preprocess.normalization) {
      EXPECT_FLOAT_EQ(package.preprocess.normalization->mean[0], row.mean) << row.architecture;
    }
    EXPECT_FALSE(package.family.fused);
  }
}

TEST_F(EnvironmentFile, TakesTheSizeOfTheNetworkThenOfTheFileThenTheOlderDefault) {
  write(R"({"resize": {"width": 512, "height": "416", "format": "Stretch to"}})");
  ASSERT_READ(fixed, read());
  EXPECT_EQ(fixed.preprocess.network, (Size{320, 192}));
  graph = graph_of({-1, 3, -1, -1});
  ASSERT_READ(open, read());
  EXPECT_EQ(open.preprocess.network, (Size{512, 416}));
  write("{}");
  ASSERT_READ(untold, read());
  EXPECT_EQ(untold.preprocess.network, (Size{640, 640}));
}

TEST_F(EnvironmentFile, MakesAClassifierMultiLabel) {
  type("classification", "vit");
  write("{}", {{"MULTICLASS", true}});
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::multi_label_classification);
}

TEST_F(EnvironmentFile, YieldsToClassNamesTxt) {
  write("{}");
  folder.write("class_names.txt", "one\ntwo\n");
  ASSERT_READ(package, read());
  EXPECT_THAT(package.family.class_names, ElementsAre("one", "two"));
}

TEST_F(EnvironmentFile, OrdersTheClassMapByNumber) {
  nlohmann::json map;
  for (int i = 0; i < 12; ++i) map[std::to_string(i)] = "c" + std::to_string(i);
  write("{}", {{"CLASS_MAP", map}});
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.class_names[2], "c2");
  EXPECT_EQ(package.family.class_names[11], "c11");
}

TEST_F(EnvironmentFile, GivesColorsAndDropsThoseOfAnotherForm) {
  write("{}", {{"COLORS", {{"cat", "#EB1313"}, {"dog", "red"}, {"cow", 5}}}});
  ASSERT_READ(package, read());
  EXPECT_THAT(package.colors, ElementsAre(Pair("cat", "#EB1313")));
}

TEST_F(EnvironmentFile, WithoutTaskOrArchitectureNamesTheChoices) {
  folder.remove("model_type.json");
  write("{}");
  const auto result = read();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::invalid_argument);
  EXPECT_THAT(result.error().message, ::testing::AllOf(HasSubstr("model.json"), HasSubstr("object-detection"),
                                                       HasSubstr("semantic-segmentation"), HasSubstr("yolov8")));
}

TEST_F(EnvironmentFile, IsServedWithTheHelpOfAModelJson) {
  folder.remove("model_type.json");
  write_format("Fit (white edges) in");
  folder.write("model.json", R"({"task": "object-detection", "architecture": "yolov5"})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.padding_value, 255);
}

TEST_F(EnvironmentFile, IsRefusedNamingTheField) {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const Row& row :
       {Row{R"({"PREPROCESSING": "{oops"})", "environment.json: PREPROCESSING is not valid JSON"},
        Row{R"({"PREPROCESSING": 5})", "environment.json: PREPROCESSING is 5; an object"},
        Row{R"({"PREPROCESSING": {"resize": {"width": 0, "height": 4}}})", "resize.width is 0"},
        Row{R"({"PREPROCESSING": {"resize": {"width": "4x", "height": 4}}})", "resize.width is '4x'"},
        Row{R"({"PREPROCESSING": {"contrast": {"enabled": true}}})", "contrast.type is missing"},
        Row{R"({"CLASS_MAP": {"0": "a", "2": "b"}})", "environment.json: CLASS_MAP.2 is 'b'; the keys should be"},
        Row{R"({"CLASS_MAP": {"0": 7}})", "environment.json: CLASS_MAP.0 is 7; a string"},
        Row{R"({"CLASS_MAP": {}})", "class_names.txt"}, Row{R"({"MULTICLASS": "yes"})", "MULTICLASS is 'yes'"}}) {
    folder.write("environment.json", row.text);
    EXPECT_THAT(message_of(read()), HasSubstr(row.expected)) << row.text;
  }
}

using NewerBesideOlder = NewerLayout;

TEST_F(NewerBesideOlder, WinsAndStillTakesTheColors) {
  folder.write("environment.json", R"({"PREPROCESSING": {"resize": {"width": 99, "height": 99, "format": "Stretch to"}},
                                       "CLASS_MAP": {"0": "wrong"}, "COLORS": {"cat": "#010203"}})");
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(package.preprocess.padding_value, 127);
  EXPECT_THAT(package.family.class_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(package.colors, UnorderedElementsAre(Pair("cat", "#010203")));
}

TEST_F(NewerBesideOlder, LoadsThoughTheOlderFileIsBroken) {
  folder.write("environment.json", "{oops");
  ASSERT_READ(package, read());
  EXPECT_TRUE(package.colors.empty());
}

}  // namespace
}  // namespace osprey::package
