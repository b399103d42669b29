#include "engine/fake/fake_engine.hpp"

#include <gtest/gtest.h>

#include "fake_models.hpp"

namespace osprey::engine {
namespace {

TEST(FakeEngine, RunsItsFunction) {
  TemporaryFolder folder;
  write_file(folder.path() / "a.onnx", "");
  const auto engine = create_fake_engine(fake_detector_graph(), fake_detector, 2);
  auto session = (*engine->read(folder.path() / "a.onnx"))->compile({});
  EXPECT_EQ((*session)->streams(), 2);
  auto execution = (*session)->create_execution();
  const std::vector<float> white(3 * kFakeInput * kFakeInput, 1.0F);
  const Shape shape{1, 3, kFakeInput, kFakeInput};
  const TensorView input{shape, white};
  ASSERT_TRUE((*execution)->run(std::span(&input, 1)));
  EXPECT_EQ((*execution)->outputs()[0].data[5], 1.0F);
}

TEST(FakeEngine, ReadsOnlyFilesThatExist) {
  const auto engine = create_fake_engine({}, fake_detector);
  EXPECT_EQ(engine->read("/no/such.onnx").error().code, Code::not_found);
}

}  // namespace
}  // namespace osprey::engine
