#include <optional>

#include "package/onnx_metadata.hpp"
#include "package/python_literal.hpp"
#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using vision::ResizeMode;
using vision::Size;
using vision::Task;

TEST(PythonLiteral, ReadsWhatPythonPrints) {
  const auto value = parse_python_literal(
      R"({0: 'person', 1: "dog's", 2: 'a\\b \'q\' \n\x41\u00e9\U0001F600', 'k': [1, -2.5, 1e-3, True, False, None], 't': (1,), 'e': {}})");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, nlohmann::json::parse("{\"0\": \"person\", \"1\": \"dog's\", \"2\": \"a\\\\b 'q' \\nA\xC3\xA9"
                                          "\xF0\x9F\x98\x80\", \"k\": [1, -2.5, 0.001, true, false, null], "
                                          "\"t\": [1], \"e\": {}}"));
}

TEST(PythonLiteral, RefusesEverythingElse) {
  for (const std::string text :
       {"", "{", "{0: 'a'", "{0 'a'}", "{0: 'a' 1: 'b'}", "'open", "'\\q'", "'\\x4'", "'\\ud800'", "'\\U00110000'",
        "__import__('os')", "1 + 1", "[1] [2]", "{[1]: 2}", "b'x'", "\xFF", "'\xC3'", "+-1"}) {
    EXPECT_FALSE(parse_python_literal(text)) << text;
  }
  EXPECT_FALSE(parse_python_literal(std::string(100'000, '[')));
}

TEST(ArchitectureOfADescription, NamesTheFamilyThatDecodesIt) {
  const auto of = [](const char* description) { return architecture_of(description); };
  EXPECT_EQ(of("Ultralytics YOLOv8n model trained on coco.yaml"), "yolov8");
  EXPECT_EQ(of("Ultralytics YOLO11n-seg model"), "yolov11");
  EXPECT_EQ(of("Ultralytics YOLO12x model trained on x"), "yolov12");
  EXPECT_EQ(of("Ultralytics YOLOv10b model"), "yolov10");
  EXPECT_EQ(of("Ultralytics YOLO26n model"), "yolo26");
  EXPECT_EQ(of("Ultralytics YOLOv9c model"), "yolov9");
  EXPECT_EQ(of("Ultralytics YOLOv5nu model"), "yolov8");  // that trainer's v5 has the head of v8
  EXPECT_EQ(of("Ultralytics best model"), "");
  EXPECT_EQ(of("Ultralytics RTDETR-l model"), "");
  EXPECT_EQ(of("Ultralytics YOLO99n model"), "");
  EXPECT_EQ(of("My YOLOv8n model"), "");
}

class TrainerExport : public ::testing::Test {
 protected:
  [[nodiscard]] Result<Package> read() const { return read_package(folder.path(), graph); }

  PackageFolder folder;
  GraphInfo graph = graph_of({1, 3, 480, 640}, {{"description", "Ultralytics YOLOv8n model trained on coco.yaml"},
                                                {"task", "detect"},
                                                {"names", "{0: 'person', 1: 'bicycle'}"},
                                                {"imgsz", "[480, 640]"},
                                                {"stride", "32"},
                                                {"batch", "1"},
                                                {"args", "{'batch': 1, 'half': False, 'nms': False}"}});
};

TEST_F(TrainerExport, NeedsNoOtherFile) {
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::object_detection);
  EXPECT_EQ(package.family.architecture, "yolov8");
  EXPECT_THAT(package.family.class_names, ElementsAre("person", "bicycle"));
  EXPECT_FALSE(package.family.fused);
  EXPECT_EQ(package.family.network, (Size{640, 480}));
  EXPECT_EQ(package.preprocess.network, (Size{640, 480}));
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::letterbox);
  EXPECT_EQ(package.preprocess.padding_value, 114);
  EXPECT_EQ(package.preprocess.color_mode, vision::ColorMode::rgb);
  EXPECT_EQ(package.preprocess.scaling_factor, 255.0F);
  EXPECT_EQ(package.max_batch_size, 1);
}

TEST_F(TrainerExport, TakesTheWrittenSizeWhenTheNetworkIsOpen) {
  graph.inputs[0].shape = {-1, 3, -1, -1};
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.network, (Size{640, 480}));
  EXPECT_EQ(package.max_batch_size, 8);
  graph.metadata["imgsz"] = "320";
  ASSERT_READ(square, read());
  EXPECT_EQ(square.preprocess.network, (Size{320, 320}));
  graph.metadata.erase("imgsz");
  EXPECT_THAT(message_of(read()), HasSubstr("open in size"));
}

TEST_F(TrainerExport, TakesTheNetworksSizeWhenTheWrittenOneDiffers) {
  graph.metadata["imgsz"] = "[640, 640]";
  ASSERT_READ(package, read());
  EXPECT_EQ(package.preprocess.network, (Size{640, 480}));
}

TEST_F(TrainerExport, TellsWhereTheNetworkEndsInFinalBoxes) {
  graph.metadata["args"] = "{'nms': True}";
  ASSERT_READ(nms, read());
  EXPECT_TRUE(nms.family.fused);
  graph.metadata["args"] = "{}";
  graph.metadata["end2end"] = "True";
  ASSERT_READ(end2end, read());
  EXPECT_TRUE(end2end.family.fused);
  graph.metadata["description"] = "Ultralytics YOLO26n model";  // NMS-free by itself
  ASSERT_READ(yolo26, read());
  EXPECT_FALSE(yolo26.family.fused);
}

TEST_F(TrainerExport, OfAClassifierHasItsSoftmaxInside) {
  graph.metadata["task"] = "classify";
  graph.metadata["description"] = "Ultralytics YOLO11n-cls model";
  ASSERT_READ(package, read());
  EXPECT_EQ(package.family.task, Task::classification);
  EXPECT_TRUE(package.family.fused);
  EXPECT_EQ(package.preprocess.resize_mode, ResizeMode::stretch);
}

TEST_F(TrainerExport, OfAPoseModelTellsItsKeypoints) {
  graph.metadata["task"] = "pose";
  EXPECT_THAT(message_of(read()), HasSubstr("keypoints"));
  graph.metadata["kpt_shape"] = "[3, 3]";
  ASSERT_READ(numbered, read());
  ASSERT_EQ(numbered.family.skeletons.size(), 2U);
  EXPECT_THAT(numbered.family.skeletons[1].keypoints, ElementsAre("0", "1", "2"));
  graph.metadata["kpt_names"] = "{0: ['nose', 'left', 'right']}";
  ASSERT_READ(named, read());
  EXPECT_THAT(named.family.skeletons[0].keypoints, ElementsAre("nose", "left", "right"));
}

TEST_F(TrainerExport, ReadsAListOfNamesAndMoreThanTen) {
  graph.metadata["names"] = "['a', 'b']";
  ASSERT_READ(list, read());
  EXPECT_THAT(list.family.class_names, ElementsAre("a", "b"));
  std::string names = "{";
  for (int i = 0; i < 12; ++i) names += std::to_string(i) + ": 'c" + std::to_string(i) + "', ";
  graph.metadata["names"] = names + "}";
  ASSERT_READ(many, read());
  ASSERT_EQ(many.family.class_names.size(), 12U);
  EXPECT_EQ(many.family.class_names[2], "c2");
  EXPECT_EQ(many.family.class_names[11], "c11");
}

TEST_F(TrainerExport, IsRefusedNamingTheKey) {
  struct Row {
    const char* key;
    const char* value;
    const char* expected;
  };
  for (const Row& row : {Row{"names", "{0: 'a', 2: 'b'}", "ONNX metadata: names.1 is missing"},
                         Row{"names", "{0: open('x')}", "ONNX metadata: names is no Python literal"},
                         Row{"names", "{0: 5}", "ONNX metadata: names.0 is 5"},
                         Row{"names", "{0: 'a\xFF'}", "ONNX metadata: names is no Python literal"}}) {
    const std::string kept = graph.metadata[row.key];
    graph.metadata[row.key] = row.value;
    EXPECT_THAT(message_of(read()), HasSubstr(row.expected));
    graph.metadata[row.key] = kept;
  }
  graph.inputs[0].shape = {1, 3, -1, -1};
  graph.metadata["imgsz"] = "[640, 0]";
  EXPECT_THAT(message_of(read()), HasSubstr("ONNX metadata: imgsz[1] is 0"));
}

TEST_F(TrainerExport, OfAnotherFormDoesNotStandInTheWayOfAModelJson) {
  graph.metadata = {{"names", "a;b;c"}};
  EXPECT_FALSE(read());
  folder.write("model.json", R"({"task": "object-detection", "architecture": "yolov8", "classes": ["a", "b"]})");
  ASSERT_READ(package, read());
  EXPECT_THAT(package.family.class_names, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace osprey::package
