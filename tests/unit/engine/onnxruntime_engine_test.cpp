// The ONNX Runtime backend on the demo models and on networks of a few operators (make_small_networks.py).
#include "engine/onnxruntime/onnxruntime_engine.hpp"

#include <cmath>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/backends.hpp"
#include "engine/openvino/openvino_engine.hpp"
#include "fake_models.hpp"

namespace osprey::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kModels = OSPREY_MODELS;
const std::filesystem::path kSmall = OSPREY_SMALL_NETWORKS;

class OnnxRuntimeEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    auto created = create_onnxruntime_engine({.open_at_once = true}, make_null_log());
    ASSERT_TRUE(created) << created.error().message;
    engine = std::move(created).value();
  }
  std::unique_ptr<Graph> read(const std::filesystem::path& file) {
    auto graph = engine->read(file);
    EXPECT_TRUE(graph) << graph.error().message;
    return graph ? std::move(graph).value() : nullptr;
  }
  std::unique_ptr<Execution> start(const std::filesystem::path& file) {
    auto session = read(file)->compile({});
    EXPECT_TRUE(session) << session.error().message;
    return std::move((*session)->create_execution()).value();
  }
  std::unique_ptr<Engine> engine;
};

std::vector<float> run(Execution& execution, const Shape& shape, const std::vector<float>& data) {
  const TensorView input{shape, data};
  const auto ran = execution.run(std::span(&input, 1));
  EXPECT_TRUE(ran) << ran.error().message;
  if (!ran) return {};
  const auto output = execution.outputs()[0].data;
  return {output.begin(), output.end()};
}

/// Values that differ from each other.
std::vector<float> pattern(const Shape& shape) {
  std::vector<float> values(element_count(shape));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.5F + 0.5F * std::sin(static_cast<float>(i));
  return values;
}

std::vector<float> values_of(const TensorView& view) {
  return {view.data.begin(), view.data.end()};
}

TEST_F(OnnxRuntimeEngineTest, TellsItsVersionDeviceAndThreads) {
  const auto info = engine->info();
  EXPECT_EQ(info.name, "onnxruntime");
  EXPECT_THAT(info.version, HasSubstr("."));
  EXPECT_FALSE(info.device.empty());
  EXPECT_GE(info.threads, 1);
}

TEST_F(OnnxRuntimeEngineTest, ReadsShapesAndMetadata) {
  const auto graph = read(kModels / "emoji-detection/1/weights.onnx");
  ASSERT_EQ(graph->info().inputs.size(), 1U);
  EXPECT_EQ(graph->info().inputs[0].name, "images");
  EXPECT_EQ(graph->info().inputs[0].shape, (Shape{-1, 3, 320, 320}));
  ASSERT_EQ(graph->info().outputs.size(), 1U);
  EXPECT_EQ(graph->info().outputs[0].name, "output0");
  EXPECT_EQ(graph->info().metadata.at("task"), "detect");
  EXPECT_EQ(graph->info().element_type, "f32");
}

TEST_F(OnnxRuntimeEngineTest, ComputesWhatOpenVinoComputes) {
  auto openvino = create_openvino_engine({}, make_null_log());
  ASSERT_TRUE(openvino);
  const auto file = kModels / "emoji-classification/1/weights.onnx";
  auto session = (*(*openvino)->read(file))->compile({});
  auto expected_from = (*session)->create_execution();
  auto execution = start(file);
  const Shape shape{2, 3, 128, 128};
  const auto expected = run(**expected_from, shape, pattern(shape));
  const auto found = run(*execution, shape, pattern(shape));
  ASSERT_EQ(found.size(), 32U);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4F);
  EXPECT_THAT(execution->outputs()[0].shape, ElementsAre(2, 16));
}

TEST_F(OnnxRuntimeEngineTest, RunsAnOperatorThatOpenVinoLacks) {
  auto execution = start(kSmall / "max_unpool.onnx");
  const std::vector<float> image{1, 2, 5, 6, 3, 4, 8, 7, 9, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_THAT(run(*execution, {1, 1, 4, 4}, image), ElementsAre(0, 0, 0, 0, 0, 4, 8, 0, 9, 0, 0, 0, 0, 0, 0, 1));
}

TEST_F(OnnxRuntimeEngineTest, ConvertsToAndFromTheTypesOfTheNetwork) {
  auto graph = read(kSmall / "mixed_types.onnx");
  EXPECT_EQ(graph->info().element_type, "f16");
  auto session = graph->compile({});
  auto execution = std::move((*session)->create_execution()).value();
  const Shape shape{1, 3};
  const std::vector<float> halves{0.5F, 10.25F, -3.0F};
  const std::vector<float> bytes{2.0F, 1.0F, 300.0F};  // the last becomes 255
  const std::vector<TensorView> inputs{{shape, halves}, {shape, bytes}};
  const auto ran = execution->run(inputs);
  ASSERT_TRUE(ran) << ran.error().message;
  const auto outputs = execution->outputs();
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_THAT(values_of(outputs[0]), ElementsAre(2.5F, 11.25F, 252.0F));
  EXPECT_THAT(values_of(outputs[1]), ElementsAre(2.0F));
  EXPECT_THAT(outputs[1].shape, ElementsAre(1));
  EXPECT_THAT(values_of(outputs[2]), ElementsAre(0.0F, 1.0F, 0.0F));
}

TEST_F(OnnxRuntimeEngineTest, FixesAnOpenSize) {
  auto graph = read(kSmall / "open_size.onnx");
  EXPECT_EQ(graph->info().inputs[0].shape, (Shape{-1, 3, -1, -1}));
  EXPECT_EQ(graph->info().metadata.at("names"), "{0: 'a', 1: 'b', 2: 'c'}");
  auto session = graph->compile({std::pair(4, 6), {}});
  EXPECT_EQ((*session)->graph().inputs[0].shape, (Shape{-1, 3, 4, 6}));
  EXPECT_EQ((*session)->backend(), "onnxruntime");
  EXPECT_EQ((*session)->streams(), 1);
  auto execution = (*session)->create_execution();
  EXPECT_THAT(run(**execution, {1, 3, 4, 6}, std::vector<float>(72, 0.5F)), ElementsAre(0.5F, 0.5F, 0.5F));
}

TEST_F(OnnxRuntimeEngineTest, SaysWhatIsWrongWithInputs) {
  auto execution = start(kSmall / "max_unpool.onnx");
  EXPECT_THAT(execution->run({}).error().message, HasSubstr("1 inputs, 0 were given"));
  const std::vector<float> values(9, 1.0F);
  const Shape shape{1, 1, 3, 3};
  const TensorView input{shape, values};
  const auto ran = execution->run(std::span(&input, 1));
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Code::internal);
  EXPECT_THAT(ran.error().message, HasSubstr("images"));
  EXPECT_TRUE(execution->outputs().empty());
}

TEST_F(OnnxRuntimeEngineTest, RefusesWhatItCannotReadWithoutTellingPaths) {
  TemporaryFolder folder;
  write_file(folder.path() / "broken.onnx", "not an ONNX file");
  write_file(folder.path() / "empty.onnx", "");
  for (const char* name : {"broken.onnx", "empty.onnx"}) {
    const auto graph = engine->read(folder.path() / name);
    ASSERT_FALSE(graph);
    EXPECT_EQ(graph.error().code, Code::data_corrupted) << graph.error().message;
    EXPECT_THAT(graph.error().message, HasSubstr(name));
    EXPECT_THAT(graph.error().message, Not(HasSubstr(folder.path().string())));
  }
  EXPECT_EQ(engine->read(folder.path() / "none.onnx").error().code, Code::not_found);
  const auto sequence = engine->read(kSmall / "sequence_output.onnx");
  ASSERT_FALSE(sequence);
  EXPECT_EQ(sequence.error().code, Code::unsupported);
  EXPECT_THAT(sequence.error().message, HasSubstr("'output' is a sequence"));
}

TEST_F(OnnxRuntimeEngineTest, ExecutionsOfOneSessionRunSideBySide) {
  auto session = read(kModels / "emoji-classification/1/weights.onnx")->compile({});
  const Shape shape{1, 3, 128, 128};
  const auto image = pattern(shape);
  auto reference = (*session)->create_execution();
  const auto expected = run(**reference, shape, image);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      auto execution = (*session)->create_execution();
      for (int i = 0; i < 5; ++i) EXPECT_THAT(run(**execution, shape, image), testing::ElementsAreArray(expected));
    });
  }
}

TEST_F(OnnxRuntimeEngineTest, AnExecutionOutlivesItsSessionAndEngine) {
  auto execution = start(kSmall / "open_size.onnx");
  engine.reset();
  EXPECT_THAT(run(*execution, {1, 3, 1, 1}, {1, 2, 3}), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace osprey::engine
