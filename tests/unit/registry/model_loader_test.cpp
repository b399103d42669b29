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

}  // namespace
}  // namespace osprey::registry
