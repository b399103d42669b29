#include "registry/own_models.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_models.hpp"
#include "registry/model_folder.hpp"
#include "registry/new_model_parameters.hpp"

namespace osprey::registry {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// A version and a graph; the fake engine asks for no more.
const std::string kOnnx("\x08\x08\x3A\x02\x12\x00", 6);

class OwnModelsTest : public testing::Test {
 protected:
  OwnModelsTest() {
    write_file(file, kOnnx);
    model.model_id = "my-project/1";
    model.weights_name = "net.onnx";
    graph = fake_detector_graph();
  }

  Result<AddedModel> add() {
    engine = engine::create_fake_engine(graph, function);
    return OwnModels(models, *engine).add(model, file);
  }
  std::string refusal() {
    const auto added = add();
    EXPECT_FALSE(fs::exists(models)) << "a failure leaves nothing";
    return added ? "no error" : added.error().message;
  }
  void describe() {
    model.said.task = vision::Task::object_detection;
    model.said.architecture = "yolov8";
    model.said.class_names = {"dark", "bright"};
    model.said.resize_mode = package::PackageResizeMode::stretch;
  }

  TemporaryFolder root;
  const fs::path models = root.path() / "models";
  const fs::path file = root.path() / "net.onnx";
  NewModel model;
  GraphInfo graph;
  engine::FakeFunction function = fake_detector;
  std::unique_ptr<engine::Engine> engine;
};

TEST_F(OwnModelsTest, WhatItsOwnerSaysBecomesAPackage) {
  describe();
  const auto added = add();
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->model.model_id, "my-project/1");
  EXPECT_EQ(added->model.folder, models / "my-project/1");
  EXPECT_EQ(added->backend, "fake");
  EXPECT_FALSE(added->replaced);
  ASSERT_TRUE(added->model.package);
  EXPECT_THAT(added->model.package->family.class_names, ElementsAre("dark", "bright"));

  const auto summary = summarize("my-project/1", models / "my-project/1", *engine);
  ASSERT_TRUE(summary.package) << summary.error->message;
  EXPECT_EQ(summary.package->family.architecture, "yolov8");
  EXPECT_EQ(summary.package->preprocess.resize_mode, vision::ResizeMode::stretch);
  EXPECT_EQ(summary.bytes, added->model.bytes);
}

TEST_F(OwnModelsTest, WhatTheFileSaysNeedNotBeSaid) {
  graph.metadata = {{"description", "Ultralytics YOLOv8n model"}, {"task", "detect"}, {"names", "{0: 'a', 1: 'b'}"}};
  const auto added = add();
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_THAT(added->model.package->family.class_names, ElementsAre("a", "b"));
  EXPECT_EQ(added->model.package->family.task, vision::Task::object_detection);
}

TEST_F(OwnModelsTest, ItsOwnersWordWinsOverTheFiles) {
  graph.metadata = {{"description", "Ultralytics YOLOv8n model"}, {"task", "detect"}, {"names", "{0: 'a', 1: 'b'}"}};
  model.said.class_names = {"dark", "bright"};
  const auto added = add();
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_THAT(added->model.package->family.class_names, ElementsAre("dark", "bright"));
}

TEST_F(OwnModelsTest, TakesBytesAsWell) {
  describe();
  engine = engine::create_fake_engine(graph, function);
  const auto added = OwnModels(models, *engine).add(model, std::string_view(kOnnx));
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_TRUE(fs::is_regular_file(models / "my-project/1/weights.onnx"));
}

TEST_F(OwnModelsTest, AsksForTaskAndFamilyWithTheirChoices) {
  EXPECT_THAT(refusal(), AllOf(StartsWith("net.onnx does not say its task and family; give --task (object-detection, "),
                               HasSubstr("--family (object-detection: yolov5"), HasSubstr("deep-lab-v3-plus")));
  model.said.task = vision::Task::object_detection;
  EXPECT_THAT(refusal(), StartsWith("net.onnx does not say its family; give --family (yolov5, yolov8, "));
  model.said.task.reset();
  model.said.architecture = "yolov8";
  EXPECT_THAT(refusal(), StartsWith("net.onnx does not say its task; give --task (object-detection, "));
}

TEST_F(OwnModelsTest, AFamilyThatNobodyReadsIsToldBeforeAnythingElse) {
  model.said.task = vision::Task::object_detection;
  model.said.architecture = "yolov13";
  EXPECT_THAT(refusal(), StartsWith("no family reads the architecture \"yolov13\" for object-detection; known are"));
}

TEST_F(OwnModelsTest, AsksForClassesAndTellsHowManyThereAre) {
  describe();
  model.said.class_names.clear();
  EXPECT_EQ(refusal(),
            "net.onnx does not say its classes; give --classes (a file with the names of its 2 classes, one a line)");
}

TEST_F(OwnModelsTest, AWrongNumberOfClassesIsToldWithTheRightOne) {
  describe();
  model.said.class_names = {"a", "b", "c"};
  EXPECT_THAT(refusal(), StartsWith("3 classes are named, but as yolov8 the network has 2; give a list of --classes"));
}

TEST_F(OwnModelsTest, AsksForTheSizeOfAnInputThatTakesAny) {
  describe();
  graph.inputs.front().shape = {-1, 3, -1, -1};
  EXPECT_THAT(refusal(), HasSubstr("give --input-size (width x height"));
  model.said.width = kFakeInput;
  model.said.height = kFakeInput;
  EXPECT_TRUE(add());
}

TEST_F(OwnModelsTest, AsksForKeypoints) {
  describe();
  model.said.task = vision::Task::keypoint_detection;
  graph.outputs.front().shape = {-1, 4 + 2 + 2 * 3, 1};
  EXPECT_THAT(refusal(), HasSubstr("does not say its keypoints; give --keypoints"));
}

TEST_F(OwnModelsTest, ARequestIsToldParametersAndNotFlags) {
  model.spelling = Spelling::parameter;
  describe();
  graph.inputs.front().shape = {-1, 3, -1, -1};
  EXPECT_THAT(refusal(), HasSubstr("give input_size (width"));
}

TEST_F(OwnModelsTest, AFieldThatDoesNotFitIsCalledAsItWasGiven) {
  describe();
  model.said.architecture = "rfdetr";
  model.said.resize_mode = package::PackageResizeMode::letterbox;
  graph.outputs = {{"dets", {-1, 5, 4}}, {"labels", {-1, 5, 3}}};
  EXPECT_THAT(refusal(), StartsWith("--resize-mode is 'letterbox'; RF-DETR always stretches"));
}

TEST_F(OwnModelsTest, ScoresThatAreNoneShowAWrongFamily) {
  describe();
  function = [](std::span<const TensorView> /*inputs*/) -> Result<std::vector<engine::FakeOutput>> {
    return std::vector{engine::FakeOutput{{1, 6, 1}, {16, 16, 8, 8, 7.5F, 1}}};
  };
  EXPECT_THAT(refusal(), AllOf(StartsWith("read as yolov8 (object-detection), the network gives scores such as 7.5"),
                               HasSubstr("another family or task")));
}

TEST_F(OwnModelsTest, ANetworkThatFailsToRunIsNotAdded) {
  describe();
  function = [](std::span<const TensorView> /*inputs*/) -> Result<std::vector<engine::FakeOutput>> {
    return Error{Code::internal, "an operator failed"};
  };
  EXPECT_THAT(refusal(), HasSubstr("an operator failed"));
}

TEST_F(OwnModelsTest, TheImageIsPreparedAsTheModelIsToPrepareIt) {
  describe();
  model.said.scaling_factor = std::optional<float>{};
  std::vector<float> seen;
  function = [&](std::span<const TensorView> inputs) {
    seen.assign(inputs[0].data.begin(), inputs[0].data.end());
    return fake_detector(std::vector{TensorView{inputs[0].shape, std::vector<float>(seen.size(), 0.5F)}});
  };
  ASSERT_TRUE(add());
  EXPECT_THAT(seen, testing::Each(128.0F)) << "grey, not divided";
}

TEST_F(OwnModelsTest, WhatIsNoNetworkIsRefused) {
  describe();
  write_file(file, "this is no network");
  EXPECT_EQ(refusal(), "net.onnx is no ONNX file");
  write_file(file, kOnnx.substr(0, 5));
  EXPECT_THAT(refusal(), StartsWith("net.onnx is cut short"));
}

TEST_F(OwnModelsTest, WeightsInAFileBesideItAreRefusedWithWhatToDo) {
  describe();
  // A graph of one tensor: data_location 1 (external), external_data location: a.data
  const std::string entry =
      "\x0A\x08location\x12\x06"
      "a.data";
  const std::string tensor = std::string("\x70\x01\x6A") + static_cast<char>(entry.size()) + entry;
  const std::string initializer = std::string("\x2A") + static_cast<char>(tensor.size()) + tensor;
  write_file(file, std::string("\x08\x08\x3A") + static_cast<char>(initializer.size()) + initializer);
  EXPECT_THAT(refusal(), AllOf(StartsWith("net.onnx keeps weights in a file beside it (a.data); make one file"),
                               HasSubstr("onnx.load('net.onnx')")));
}

TEST_F(OwnModelsTest, AnIdThatIsTakenIsReplacedOnlyWhenAsked) {
  describe();
  ASSERT_TRUE(add());
  model.said.class_names = {"night", "day"};
  const auto refused = add();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the model my-project/1 is there already; --force replaces it");
  EXPECT_THAT(summarize("", models / "my-project/1", *engine).package->family.class_names,
              ElementsAre("dark", "bright"));
  model.replace = true;
  const auto replaced = add();
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_TRUE(replaced->replaced);
  EXPECT_THAT(summarize("", models / "my-project/1", *engine).package->family.class_names, ElementsAre("night", "day"));
}

TEST_F(OwnModelsTest, AFailedReplacementLeavesTheOldModel) {
  describe();
  ASSERT_TRUE(add());
  model.replace = true;
  model.said.class_names = {"a", "b", "c"};
  ASSERT_FALSE(add());
  EXPECT_THAT(summarize("", models / "my-project/1", *engine).package->family.class_names,
              ElementsAre("dark", "bright"));
}

TEST_F(OwnModelsTest, ListsSoundAndBrokenPackages) {
  describe();
  ASSERT_TRUE(add());
  write_file(models / "broken/1/model.json", "{");
  const auto listed = OwnModels(models, *engine).list();
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].model_id, "broken/1");
  ASSERT_TRUE((*listed)[0].error);
  EXPECT_THAT((*listed)[0].error->message, HasSubstr("no network in broken/1"));
  EXPECT_TRUE((*listed)[1].package);
}

TEST_F(OwnModelsTest, RemovesAModelAndItsEmptyProject) {
  describe();
  ASSERT_TRUE(add());
  model.model_id = "my-project/2";
  ASSERT_TRUE(add());
  ASSERT_TRUE(remove_package(models, "my-project/1"));
  EXPECT_FALSE(fs::exists(models / "my-project/1"));
  EXPECT_TRUE(fs::exists(models / "my-project/2"));
  ASSERT_TRUE(remove_package(models, "my-project/2"));
  EXPECT_FALSE(fs::exists(models / "my-project"));
  EXPECT_TRUE(fs::exists(models));
}

TEST_F(OwnModelsTest, AnUnknownModelIsToldWithWhatIsThere) {
  describe();
  ASSERT_TRUE(add());
  const auto removed = remove_package(models, "other/1");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::not_found);
  EXPECT_EQ(removed.error().message, "no model other/1; there are: my-project/1");
}

TEST_F(OwnModelsTest, WhatIsNoPackageIsNeverRemoved) {
  describe();
  ASSERT_TRUE(add());
  write_file(root.path() / "precious.onnx", "x");
  for (const auto* id : {"..", "../models", "my-project/..", "my-project", "my-project/1/..", ""}) {
    EXPECT_FALSE(remove_package(models, id)) << id;
  }
  EXPECT_TRUE(fs::exists(root.path() / "precious.onnx"));
  EXPECT_TRUE(fs::exists(models / "my-project/1/weights.onnx"));
}

TEST_F(OwnModelsTest, AProjectWithVersionsIsNotRemovedAsAModel) {
  describe();
  ASSERT_TRUE(add());
  write_file(models / "my-project/weights.onnx", kOnnx);
  const auto removed = remove_package(models, "my-project");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().message, "my-project holds other models, such as my-project/1; remove those first");
}

TEST(NewModelId, IsProjectAndVersion) {
  EXPECT_EQ(*checked_new_id("my-project/1"), "my-project/1");
  EXPECT_EQ(*checked_new_id("a.b_c/v2"), "a.b_c/v2");
  EXPECT_EQ(*checked_new_id("a/007"), "a/7");
  EXPECT_EQ(*checked_new_id("a/000"), "a/0");
  for (const auto* id :
       {"", "a", "/1", "a/", "a/1/2", "../1", "a/..", "a/.hidden", "-a/1", "a b/1", "a\n/1", "\xC3\xA9/1"}) {
    const auto checked = checked_new_id(id);
    ASSERT_FALSE(checked) << id;
    EXPECT_THAT(checked.error().message, HasSubstr("such as my-project/1"));
  }
}

TEST(NewModelId, IsMadeOfTheFilesName) {
  EXPECT_EQ(id_from_file("/a/best.onnx"), "best/1");
  EXPECT_EQ(id_from_file("My net (2).onnx"), "My-net-2/1");
  EXPECT_EQ(id_from_file("..onnx"), "model/1");
  EXPECT_EQ(id_from_file("-x-.onnx"), "x/1");
  EXPECT_EQ(id_from_file("\xC3\xA9.onnx"), "model/1");
  for (const std::string& file :
       std::vector<std::string>{"best.onnx", "My net.onnx", "...onnx", "", "/", "a/..", std::string(5000, 'x')}) {
    EXPECT_TRUE(checked_new_id(id_from_file(file))) << file;
  }
}

TEST(NewModelParameters, SetWhatARequestSays) {
  NewModel model;
  ASSERT_TRUE(set_parameter("task", "object-detection", model));
  ASSERT_TRUE(set_parameter("force", "true", model));
  ASSERT_TRUE(set_parameter("classes", "a, b c ,d", model));
  EXPECT_EQ(model.said.task, vision::Task::object_detection);
  EXPECT_TRUE(model.replace);
  EXPECT_THAT(model.said.class_names, ElementsAre("a", "b c", "d"));
  ASSERT_TRUE(set_parameter("classes", "a, with a comma\nb\n", model));
  EXPECT_THAT(model.said.class_names, ElementsAre("a, with a comma", "b"));
}

TEST(NewModelParameters, AnUnknownOneIsToldWithTheKnown) {
  NewModel model;
  const auto set = set_parameter("familly", "yolov8", model);
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message, HasSubstr("'familly' is no parameter of this route; known: classes, force, task"));
  EXPECT_FALSE(set_parameter("force", "yes", model));
  EXPECT_FALSE(set_parameter("classes", " ", model));
}

}  // namespace
}  // namespace osprey::registry
