#include "registry/model_runner.hpp"

#include <gtest/gtest.h>

#include "engine/fake/fake_engine.hpp"
#include "fake_models.hpp"

namespace osprey::registry {
namespace {

/// Notes the number that a network which doubles its input gave for its own image.
class DoublingJob final : public InferenceJob {
 public:
  DoublingJob(float value, float& result, int& drops) : input_(4, value), result_(result), drops_(drops) {}
  void drop(Error /*why*/) noexcept override { ++drops_; }
  [[nodiscard]] std::span<const float> input() const override { return input_; }
  [[nodiscard]] Status complete(std::span<const TensorView> outputs, std::size_t index) noexcept override {
    result_ = outputs[0].data[index];
    return {};
  }

 private:
  std::vector<float> input_;
  float& result_;
  int& drops_;
};

class ModelRunnerTest : public testing::Test {
 protected:
  std::unique_ptr<ModelRunner> make(engine::FakeFunction function, std::int64_t batch = -1) {
    write_file(folder.path() / "x.onnx", "");
    engine = engine::create_fake_engine({{{"in", {batch, 1, 2, 2}}}, {{"out", {-1}}}, {}, "f32"}, std::move(function));
    auto session = (*engine->read(folder.path() / "x.onnx"))->compile({});
    return std::move(ModelRunner::create(*session, {1, 2, 2})).value();
  }
  static Result<std::vector<engine::FakeOutput>> doubled(std::span<const TensorView> inputs) {
    engine::FakeOutput output{{inputs[0].dim(0)}, {}};
    for (std::size_t i = 0; i < inputs[0].data.size(); i += 4) output.data.push_back(2 * inputs[0].data[i]);
    return std::vector{output};
  }
  TemporaryFolder folder;
  std::unique_ptr<engine::Engine> engine;
};

TEST_F(ModelRunnerTest, GivesEachJobOfABatchItsOwnOutputs) {
  const auto runner = make(doubled);
  float results[3] = {};
  int drops = 0;
  std::vector<std::unique_ptr<scheduler::Job>> batch;
  for (int i = 0; i < 3; ++i)
    batch.push_back(std::make_unique<DoublingJob>(static_cast<float>(i + 1), results[i], drops));
  runner->run(batch, 1);
  EXPECT_EQ(results[0], 2);
  EXPECT_EQ(results[1], 4);
  EXPECT_EQ(results[2], 6);
  EXPECT_EQ(drops, 0);
}

TEST_F(ModelRunnerTest, ReadsASingleInputWhereItLies) {
  const float* seen = nullptr;
  const auto runner = make([&](std::span<const TensorView> inputs) {
    seen = inputs[0].data.data();
    return doubled(inputs);
  });
  float result = 0;
  int drops = 0;
  std::vector<std::unique_ptr<scheduler::Job>> batch;
  batch.push_back(std::make_unique<DoublingJob>(1.0F, result, drops));
  const float* own = static_cast<InferenceJob&>(*batch[0]).input().data();
  runner->run(batch, 1);
  EXPECT_EQ(seen, own);
}

TEST_F(ModelRunnerTest, DropsTheJobsOfARunThatFails) {
  bool broken = false;
  const auto runner = make([&](std::span<const TensorView> inputs) -> Result<std::vector<engine::FakeOutput>> {
    if (broken) return Error{Code::internal, "broken"};
    return doubled(inputs);
  });
  broken = true;
  float result = 0;
  int drops = 0;
  std::vector<std::unique_ptr<scheduler::Job>> batch;
  batch.push_back(std::make_unique<DoublingJob>(1.0F, result, drops));
  runner->run(batch, 1);
  EXPECT_EQ(drops, 1);
  broken = false;
  batch[0] = std::make_unique<DoublingJob>(1.0F, result, drops);
  runner->run(batch, 1);
  EXPECT_EQ(result, 2) << "the next run goes on";
}

TEST_F(ModelRunnerTest, FillsAFixedBatchWithBlankImages) {
  std::vector<float> seen;
  const auto runner = make(
      [&](std::span<const TensorView> inputs) {
        seen.assign(inputs[0].data.begin(), inputs[0].data.end());
        EXPECT_EQ(inputs[0].dim(0), 3);
        return doubled(inputs);
      },
      3);
  EXPECT_EQ(runner->batch_size(), 3U);
  float result = 0;
  int drops = 0;
  std::vector<std::unique_ptr<scheduler::Job>> batch;
  batch.push_back(std::make_unique<DoublingJob>(5.0F, result, drops));
  runner->run(batch, 1);
  EXPECT_EQ(result, 10);
  EXPECT_EQ(seen, (std::vector<float>{5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(ModelRunnerTest, IsMadeWithARunOnABlankImage) {
  Shape seen;
  const auto runner = make([&](std::span<const TensorView> inputs) {
    seen.assign(inputs[0].shape.begin(), inputs[0].shape.end());
    return doubled(inputs);
  });
  EXPECT_EQ(seen, (Shape{1, 1, 2, 2}));
}

}  // namespace
}  // namespace osprey::registry
