// The OpenVINO backend on the demo models.
#include "engine/openvino/openvino_engine.hpp"

#include <filesystem>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "fake_models.hpp"

namespace osprey::engine {
namespace {

const std::filesystem::path kModels = OSPREY_MODELS;

class OpenVinoEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    auto created = create_openvino_engine({}, make_null_log());
    ASSERT_TRUE(created) << created.error().message;
    engine = std::move(created).value();
  }
  std::unique_ptr<Graph> read(const char* id) {
    auto graph = engine->read(kModels / id / "weights.onnx");
    EXPECT_TRUE(graph) << graph.error().message;
    return std::move(graph).value();
  }
  std::unique_ptr<Engine> engine;
};

std::vector<float> run(Execution& execution, const Shape& shape, float value) {
  const std::vector<float> data(element_count(shape), value);
  const TensorView input{shape, data};
  const auto ran = execution.run(std::span(&input, 1));
  EXPECT_TRUE(ran) << ran.error().message;
  const auto output = execution.outputs()[0].data;
  return {output.begin(), output.end()};
}

TEST_F(OpenVinoEngineTest, TellsItsVersionDeviceAndThreads) {
  const auto info = engine->info();
  EXPECT_EQ(info.name, "openvino");
  EXPECT_FALSE(info.version.empty());
  EXPECT_FALSE(info.device.empty());
  EXPECT_GE(info.threads, 1);
}

TEST_F(OpenVinoEngineTest, ReadsShapesAndMetadataBeforeCompiling) {
  const auto graph = read("emoji-detection/1");
  ASSERT_EQ(graph->info().inputs.size(), 1U);
  EXPECT_EQ(graph->info().inputs[0].name, "images");
  EXPECT_EQ(graph->info().inputs[0].shape, (Shape{-1, 3, 320, 320}));
  EXPECT_EQ(graph->info().outputs[0].shape, (Shape{-1, 20, 2100}));
  EXPECT_EQ(graph->info().metadata.at("task"), "detect");
  EXPECT_EQ(graph->info().element_type, "f32");
}

TEST_F(OpenVinoEngineTest, RunsBatchesOfAnySize) {
  auto session = read("emoji-classification/1")->compile({});
  ASSERT_TRUE(session) << session.error().message;
  auto execution = (*session)->create_execution();
  const auto one = run(**execution, {1, 3, 128, 128}, 0.5F);
  const auto two = run(**execution, {2, 3, 128, 128}, 0.5F);
  ASSERT_EQ(one.size(), 16U);
  ASSERT_EQ(two.size(), 32U);
  EXPECT_NEAR(std::accumulate(one.begin(), one.end(), 0.0F), 1.0F, 1e-4F);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_NEAR(two[i], one[i], 1e-5F);
    EXPECT_NEAR(two[i + 16], one[i], 1e-5F);
  }
}

TEST_F(OpenVinoEngineTest, EveryFormComputesTheSameBits) {
  for (const char* id : {"emoji-classification/1", "emoji-detection/1"}) {
    const auto graph = read(id);
    const int side = std::string_view(id).starts_with("emoji-d") ? 320 : 128;
    std::vector<std::vector<float>> outputs;
    for (const int streams : {1, 2}) {
      auto session = graph->compile({.batch = 1, .streams = streams});
      ASSERT_TRUE(session) << session.error().message;
      EXPECT_EQ((*session)->graph().inputs[0].shape, (Shape{1, 3, side, side}));
      EXPECT_EQ((*session)->streams(), streams);
      auto execution = (*session)->create_execution();
      outputs.push_back(run(**execution, {1, 3, side, side}, 0.4F));
    }
    EXPECT_EQ(outputs[0], outputs[1]) << id;
  }
}

TEST_F(OpenVinoEngineTest, StreamsRunSideBySideOnTheirCallersThreads) {
  auto session = read("emoji-classification/1")->compile({.batch = 1, .streams = 2});
  ASSERT_TRUE(session) << session.error().message;
  const auto expected = run(**(*session)->create_execution(), {1, 3, 128, 128}, 0.25F);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      auto execution = (*session)->create_execution();
      for (int i = 0; i < 20; ++i) EXPECT_EQ(run(**execution, {1, 3, 128, 128}, 0.25F), expected);
    });
  }
}

TEST_F(OpenVinoEngineTest, TakesNoMoreInputsThanTheNetworkHas) {
  auto session = read("emoji-classification/1")->compile({});
  auto execution = (*session)->create_execution();
  EXPECT_FALSE((*execution)->run({}));
}

TEST_F(OpenVinoEngineTest, WeightsInAFileOfTheirOwnMayBeWrittenAnewMeanwhile) {
  const TemporaryFolder folder;
  for (const char* name : {"weights_beside.onnx", "weights_beside.data"}) {
    std::filesystem::copy_file(std::filesystem::path(OSPREY_SMALL_NETWORKS) / name, folder.path() / name);
  }
  auto graph = engine->read(folder.path() / "weights_beside.onnx");
  ASSERT_TRUE(graph) << graph.error().message;
  std::filesystem::resize_file(folder.path() / "weights_beside.data", 0);
  auto session = (*graph)->compile({});
  ASSERT_TRUE(session) << session.error().message;
  auto execution = (*session)->create_execution();
  EXPECT_EQ(run(**execution, {1, 3, 64, 64}, 0.5F).back(), 3 * 64 * 64 - 0.5F);
}

TEST_F(OpenVinoEngineTest, RefusesAFileThatIsNoNetwork) {
  TemporaryFolder folder;
  write_file(folder.path() / "broken.onnx", "not an ONNX file");
  const auto graph = engine->read(folder.path() / "broken.onnx");
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, Code::data_corrupted);
  EXPECT_EQ(engine->read(folder.path() / "none.onnx").error().code, Code::not_found);
}

TEST_F(OpenVinoEngineTest, KeepsCompiledBlobsAndRebuildsDamagedOnes) {
  TemporaryFolder cache;
  CompileOptions options;
  options.cache_folder = cache.path();
  options.always_keep_blob = true;  // whether it is worth it depends on how fast this machine compiles
  ASSERT_TRUE(read("emoji-classification/1")->compile(options));
  std::vector<std::filesystem::path> blobs;
  for (const auto& file : std::filesystem::recursive_directory_iterator(cache.path())) {
    if (file.is_regular_file()) blobs.push_back(file.path());
  }
  ASSERT_FALSE(blobs.empty());
  for (const auto& blob : blobs) write_file(blob, "damaged");
  auto session = read("emoji-classification/1")->compile(options);
  ASSERT_TRUE(session) << session.error().message;
  auto execution = (*session)->create_execution();
  EXPECT_EQ(run(**execution, {1, 3, 128, 128}, 0.5F).size(), 16U);
}

TEST_F(OpenVinoEngineTest, ExecutionsOfOneSessionRunSideBySide) {
  auto session = read("emoji-classification/1")->compile({});
  auto reference = (*session)->create_execution();
  const auto expected = run(**reference, {1, 3, 128, 128}, 0.25F);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      auto execution = (*session)->create_execution();
      for (int i = 0; i < 5; ++i) {
        const auto output = run(**execution, {1, 3, 128, 128}, 0.25F);
        for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(output[k], expected[k], 1e-5F);
      }
    });
  }
}

}  // namespace
}  // namespace osprey::engine
