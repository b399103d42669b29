// Whose model is whose: MODELS_CACHE_AUTH_ENABLED.
#include <gmock/gmock.h>

#include "registry_fixture.hpp"

namespace osprey::registry {
namespace {

using testing::ElementsAre;

class RegistryAccessTest : public RegistryFixture {
 protected:
  RegistryAccessTest() {
    options.check_access = true;
    options.access_time = std::chrono::seconds(10);
    hub.offer("far/1", {"good", "also"});
  }
  std::unique_ptr<ModelRegistry> make() { return make_with(&hub); }
};

TEST_F(RegistryAccessTest, WhatOneKeyLoadedIsNotGivenToAnother) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "far/1", "good").get());
  const auto refused = acquire(*registry, "far/1", "bad", "/spied").get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unauthenticated);
  EXPECT_EQ(acquire(*registry, "far/1", "").get().error().code, Code::unauthenticated);
  EXPECT_THAT(registry->list()[0].request_paths, ElementsAre("/p"));
  const auto also = acquire(*registry, "far/1", "also").get();
  ASSERT_TRUE(also);
  EXPECT_FALSE(also->cold());
  EXPECT_FALSE(also->at_once()) << "the hub was asked";
  EXPECT_EQ(hub.gets().size(), 1U);
}

TEST_F(RegistryAccessTest, AYesIsBelievedForItsTime) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "far/1", "good").get());
  clock->advance(std::chrono::seconds(9));
  EXPECT_TRUE(acquire(*registry, "far/1", "good").get()->at_once());
  EXPECT_EQ(hub.checks().size(), 1U);
  clock->advance(std::chrono::seconds(1));
  const auto asked = acquire(*registry, "far/1", "good").get();
  EXPECT_FALSE(asked->at_once());
  EXPECT_THAT(hub.checks(), ElementsAre("good", "good"));
  EXPECT_TRUE(acquire(*registry, "far/1", "good").get()->at_once());
}

TEST_F(RegistryAccessTest, ACheckHoldsUpNoOther) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "far/1", "good").get());
  hub.set_gate("far/1", false);
  std::vector<FutureLease> asking;
  for (int i = 0; i < 20; ++i) asking.push_back(acquire(*registry, "far/1", "also"));
  EXPECT_TRUE(acquire(*registry, "far/1", "good").get()->at_once());
  for (const auto& lease : asking) EXPECT_FALSE(is_ready(lease));
  hub.set_gate("far/1", true);
  for (auto& lease : asking) EXPECT_TRUE(lease.get());
  EXPECT_THAT(hub.checks(), ElementsAre("good", "also")) << "one question for all";
}

TEST_F(RegistryAccessTest, ThoseWhoAwaitedALoadAreAskedForToo) {
  set_gate(false);
  auto registry = make();
  auto good = acquire(*registry, "far/1", "good");
  ASSERT_TRUE(soon([&] { return runs > 0; }));
  auto bad = acquire(*registry, "far/1", "bad");
  auto also = acquire(*registry, "far/1", "also");
  set_gate(true);
  EXPECT_TRUE(good.get());
  EXPECT_EQ(bad.get().error().code, Code::unauthenticated);
  EXPECT_TRUE(also.get()->cold());
}

TEST_F(RegistryAccessTest, AnAliasIsNoWayAround) {
  hub.offer("coco/3", {"good"});
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "coco/3", "good").get());
  EXPECT_EQ(acquire(*registry, "yolov8n-640", "bad").get().error().code, Code::unauthenticated);
  EXPECT_TRUE(acquire(*registry, "yolov8n-640", "good").get()->at_once());
}

TEST_F(RegistryAccessTest, APackageInTheCacheIsNotEverybodys) {
  hub.set_cached("far/1");
  auto registry = make();
  EXPECT_EQ(acquire(*registry, "far/1", "bad").get().error().code, Code::unauthenticated);
  EXPECT_TRUE(hub.gets().empty());
}

TEST_F(RegistryAccessTest, TheModelsFolderIsEverybodys) {
  write("near/1");
  auto registry = make();
  EXPECT_TRUE(acquire(*registry, "near/1", "bad").get());
  EXPECT_TRUE(acquire(*registry, "near/1", "").get()->at_once());
  EXPECT_TRUE(hub.checks().empty());
}

TEST_F(RegistryAccessTest, EndsWhileChecksRun) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "far/1", "good").get());
  hub.set_gate("far/1", false);
  auto asking = acquire(*registry, "far/1", "also");
  registry.reset();
  EXPECT_EQ(asking.get().error().code, Code::unavailable);
}

}  // namespace
}  // namespace osprey::registry
