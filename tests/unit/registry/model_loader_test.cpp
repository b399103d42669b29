#include "registry/model_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fallback_engine.hpp"
#include "fake_models.hpp"

namespace osprey::registry {
namespace {

using testing::HasSubstr;

class ModelLoaderTest : public testing::Test {
 protected:
  static std::unique_ptr<engine::Engine> failing(std::string why) {
    return engine::create_fake_engine(
        fake_detector_graph(),
        [why](std::span<const TensorView> /*inputs*/) -> Result<std::vector<engine::FakeOutput>> {
          return Error{Code::internal, why};
        });
  }
  static std::unique_ptr<engine::Engine> working() {
    return engine::create_fake_engine(fake_detector_graph(), fake_detector);
  }
  Result<std::shared_ptr<const LiveModel>> load(engine::Engine& engine) {
    write_fake_detector(root.path(), "a/1");
    return load_model("a/1", root.path() / "a/1", {engine, scheduler, clock, make_null_log(), {}});
  }

  TemporaryFolder root;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  scheduler::Scheduler scheduler{0, clock};
};

TEST_F(ModelLoaderTest, ANetworkThatCompilesButDoesNotRunIsTriedElsewhere) {
  const auto engine = engine::create_fallback_engine(failing("an operator failed"), working(), make_null_log());
  const auto model = load(*engine);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->id, "a/1");
}

TEST_F(ModelLoaderTest, WithNoOtherBackendTheFailureIsTold) {
  const auto engine = failing("an operator failed");
  const auto model = load(*engine);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, Code::internal);
  EXPECT_THAT(model.error().message, HasSubstr("an operator failed"));
}

TEST_F(ModelLoaderTest, WhereBothFailToRunTheFirstsReasonIsTold) {
  const auto engine =
      engine::create_fallback_engine(failing("an operator failed"), failing("another failed"), make_null_log());
  const auto model = load(*engine);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message, HasSubstr("an operator failed"));
}

TEST_F(ModelLoaderTest, NamesClassesWithoutThoseThatThePackageRemoves) {
  write_file(root.path() / "r/1/weights.onnx", "a function stands for it");
  write_file(root.path() / "r/1/class_names.txt", "background_class\ndark\nbright\n");
  write_file(root.path() / "r/1/model_config.json",
             R"({"model_architecture":"rfdetr","task_type":"object-detection","backend_type":"onnx"})");
  write_file(root.path() / "r/1/inference_config.json", R"({
    "image_pre_processing": {},
    "network_input": {"training_input_size": {"height": 32, "width": 32}, "dynamic_spatial_size_supported": false,
      "color_mode": "rgb", "resize_mode": "stretch", "input_channels": 3, "scaling_factor": 255},
    "forward_pass": {"max_dynamic_batch_size": 8},
    "class_names_operations": [{"type": "class_name_removal", "class_name": "background_class"}]})");
  GraphInfo graph;
  graph.inputs = {{"input", {-1, 3, kFakeInput, kFakeInput}}};
  graph.outputs = {{"dets", {-1, 5, 4}}, {"labels", {-1, 5, 3}}};
  const auto engine = engine::create_fake_engine(graph, fake_detector);
  const auto opened = open_package(root.path() / "r/1", *engine);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->package.family.class_names, (std::vector<std::string>{"dark", "bright"}));
}

}  // namespace
}  // namespace osprey::registry
