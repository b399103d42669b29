// Models that come from the hub: which package is taken, whose key brings it in, what happens when none does.
#include <gmock/gmock.h>

#include "registry_fixture.hpp"

namespace osprey::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class RegistryHubTest : public RegistryFixture {
 protected:
  std::unique_ptr<ModelRegistry> make() { return make_with(&hub); }
};

TEST_F(RegistryHubTest, BringsInWhatTheFolderLacks) {
  hub.offer("far/1");
  write("near/1");
  auto registry = make();
  const auto far = acquire(*registry, "far/1", "key").get();
  ASSERT_TRUE(far) << far.error().message;
  EXPECT_TRUE(far->cold());
  EXPECT_FALSE(far->at_once());
  EXPECT_TRUE((*far)->from_hub);
  EXPECT_EQ((*far)->package.package_id, "package7");
  EXPECT_TRUE(acquire(*registry, "near/1").get());
  EXPECT_THAT(hub.gets(), ElementsAre("key"));
  EXPECT_TRUE(acquire(*registry, "far/1", "other").get()) << "live: everyone's";
  EXPECT_THAT(hub.gets(), ElementsAre("key"));
}

TEST_F(RegistryHubTest, HoldsThePackageAsLongAsTheModelLives) {
  hub.offer("far/1");
  auto registry = make();
  auto lease = std::move(acquire(*registry, "far/1").get()).value();
  EXPECT_EQ(hub.held(), 1);
  registry->clear();
  EXPECT_EQ(hub.held(), 1) << "a request still runs";
  lease = ModelLease();
  EXPECT_TRUE(soon([&] { return hub.held() == 0; }));
}

TEST_F(RegistryHubTest, AnAliasIsWhatItStandsFor) {
  hub.offer("coco/3");
  auto registry = make();
  const auto lease = acquire(*registry, "yolov8n-640").get();
  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_EQ((*lease)->id, "yolov8n-640");
  EXPECT_EQ((*lease)->resolved_id, "coco/3");
  auto told = registry->list();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].model_id, "yolov8n-640");
  EXPECT_THAT(told[0].request_aliases, ElementsAre("coco/3"));

  const auto same = acquire(*registry, registry->resolve("yolov8n-640")).get();
  EXPECT_FALSE(same->cold()) << "one network serves both";
  EXPECT_EQ((*same)->id, "coco/3");
  EXPECT_EQ((*same)->lane, (*lease)->lane);
  EXPECT_THAT(ids(*registry), ElementsAre("yolov8n-640", "coco/3"));
  EXPECT_EQ(hub.gets().size(), 1U);
  EXPECT_EQ(registry->stats().models.size(), 1U);
  EXPECT_TRUE(registry->remove("yolov8n-640"));
  EXPECT_THAT(ids(*registry), ElementsAre());
}

TEST_F(RegistryHubTest, APackageOfAnAliassOwnNameWins) {
  hub.offer("coco/3");
  write("yolov8n-640");
  auto registry = make();
  EXPECT_EQ(registry->resolve("yolov8n-640"), "yolov8n-640");
  EXPECT_EQ(registry->resolve("yolov8s-640"), "coco/6");
  const auto lease = acquire(*registry, "yolov8n-640").get();
  ASSERT_TRUE(lease);
  EXPECT_FALSE((*lease)->from_hub);
  EXPECT_TRUE(registry->list()[0].request_aliases.empty());
  EXPECT_TRUE(hub.gets().empty());
}

TEST_F(RegistryHubTest, OneLoadServesAllWhoAskMeanwhileByWhateverName) {
  hub.offer("coco/3");
  hub.set_gate("coco/3", false);
  auto registry = make();
  std::vector<FutureLease> leases;
  for (int i = 0; i < 10; ++i) {
    leases.push_back(acquire(*registry, i % 2 == 0 ? "coco/3" : "yolov8n-640", "key" + std::to_string(i)));
  }
  hub.wait_for_gets(1);
  hub.set_gate("coco/3", true);
  for (auto& lease : leases) EXPECT_TRUE(lease.get());
  EXPECT_EQ(hub.gets().size(), 1U);
  EXPECT_EQ(registry->stats().loads, 1U);
  EXPECT_THAT(ids(*registry), UnorderedElementsAre("coco/3", "yolov8n-640"));
}

TEST_F(RegistryHubTest, ARefusedKeyIsItsOwnersTroubleOnly) {
  hub.offer("far/1", {"good"});
  hub.set_gate("far/1", false);
  auto registry = make();
  auto bad = acquire(*registry, "far/1", "bad");
  hub.wait_for_gets(1);
  auto worse = acquire(*registry, "far/1", "worse");
  auto good = acquire(*registry, "far/1", "good");
  auto good_too = acquire(*registry, "far/1", "good");
  auto bad_too = acquire(*registry, "far/1", "bad");
  hub.set_gate("far/1", true);
  EXPECT_TRUE(good.get());
  EXPECT_TRUE(good_too.get());
  const auto refused = bad.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unauthenticated);
  EXPECT_EQ(refused.error().message, "key bad is not known") << "in the hub's words";
  EXPECT_FALSE(bad_too.get());
  // Tried beside "good": it is told its own refusal, or served when the model was live before.
  const auto third = worse.get();
  if (!third) {
    EXPECT_EQ(third.error().message, "key worse is not known");
  }
  EXPECT_EQ(hub.gets().front(), "bad");
  EXPECT_LE(hub.gets().size(), 3U);
}

TEST_F(RegistryHubTest, OnceAKeyWasRefusedNoKeyWaitsForAnothers) {
  hub.offer("far/1", {"slow", "good"});
  hub.set_gate("far/1", false);
  hub.set_gate("slow", false);
  auto registry = make();
  auto bad = acquire(*registry, "far/1", "bad");
  hub.wait_for_gets(1);
  auto slow = acquire(*registry, "far/1", "slow");
  hub.set_gate("far/1", true);
  EXPECT_FALSE(bad.get());
  hub.wait_for_gets(2);
  EXPECT_TRUE(acquire(*registry, "far/1", "good").get());
  EXPECT_TRUE(slow.get()) << "served by what another key brought in";
  EXPECT_THAT(hub.gets(), ElementsAre("bad", "slow", "good"));
}

TEST_F(RegistryHubTest, ARefusalIsNotRemembered) {
  hub.offer("far/1", {"good"});
  auto registry = make();
  EXPECT_EQ(acquire(*registry, "far/1", "bad").get().error().code, Code::unauthenticated);
  EXPECT_EQ(acquire(*registry, "far/1", "bad").get().error().code, Code::unauthenticated);
  EXPECT_TRUE(acquire(*registry, "far/1", "good").get());
  EXPECT_EQ(hub.gets().size(), 3U);
  EXPECT_EQ(acquire(*registry, "unknown/1", "good").get().error().code, Code::not_found);
  hub.offer("unknown/1");
  EXPECT_TRUE(acquire(*registry, "unknown/1", "good").get());
}

TEST_F(RegistryHubTest, AFaultOfTheNetworkIsEveryonesAndIsNotRemembered) {
  hub.offer("far/1");
  hub.set_fault({Code::upstream_timeout, "no answer"});
  hub.set_gate("far/1", false);
  auto registry = make();
  auto one = acquire(*registry, "far/1", "a");
  auto other = acquire(*registry, "far/1", "b");
  hub.wait_for_gets(1);
  hub.set_gate("far/1", true);
  EXPECT_EQ(one.get().error().code, Code::upstream_timeout);
  EXPECT_EQ(other.get().error().code, Code::upstream_timeout);
  hub.set_fault({});
  EXPECT_TRUE(acquire(*registry, "far/1", "a").get());
}

TEST_F(RegistryHubTest, DownloadsHoldUpNeitherLiveModelsNorOtherLoads) {
  options.fetch_threads = 1;
  options.loader_threads = 1;
  for (const char* id : {"slow/1", "slow/2", "cached/1"}) hub.offer(id);
  write("near/1");
  write("near/2");
  hub.set_gate("slow/1", false);
  hub.set_cached("cached/1");
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "near/1").get());
  auto slow = acquire(*registry, "slow/1");
  hub.wait_for_gets(1);
  auto waits_for_a_thread = acquire(*registry, "slow/2");
  EXPECT_TRUE(acquire(*registry, "near/1").get());
  EXPECT_TRUE(acquire(*registry, "near/2").get());
  EXPECT_TRUE(acquire(*registry, "cached/1").get()) << "what is on the disk does not wait for the network";
  EXPECT_FALSE(is_ready(slow));
  EXPECT_FALSE(is_ready(waits_for_a_thread));
  EXPECT_EQ(registry->stats().loading, 2U);
  hub.set_gate("slow/1", true);
  EXPECT_TRUE(slow.get());
  EXPECT_TRUE(waits_for_a_thread.get());
}

TEST_F(RegistryHubTest, ADamagedPackageIsThrownAwayAndFetchedAnew) {
  hub.offer("far/1");
  write_file(hub.folder("far/1") / "class_names.txt", "one\ntwo\nthree\n");
  auto registry = make();
  const auto failed = acquire(*registry, "far/1").get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::data_corrupted);
  EXPECT_THAT(failed.error().message, testing::StartsWith("Model loading failed: model far/1: "));
  EXPECT_EQ(hub.discarded(), 1);
  EXPECT_TRUE(soon([&] { return hub.held() == 0; }));
  hub.offer("far/1");
  EXPECT_TRUE(acquire(*registry, "far/1").get()) << "at once";
}

TEST_F(RegistryHubTest, APackageThatThisBuildCannotRunIsKept) {
  hub.offer("far/1");
  set_broken("an operator is missing");
  auto registry = make();
  const auto failed = acquire(*registry, "far/1").get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::unsupported);
  EXPECT_THAT(failed.error().message, HasSubstr("an operator is missing"));
  EXPECT_EQ(hub.discarded(), 0);
  EXPECT_FALSE(acquire(*registry, "far/1").get());
  EXPECT_EQ(hub.gets().size(), 1U) << "remembered for a second";
  set_broken("");
  clock->advance(std::chrono::seconds(1));
  EXPECT_TRUE(acquire(*registry, "far/1").get());
}

TEST_F(RegistryHubTest, RefusesMoreLoadsThanItMayHave) {
  options.max_loading = 2;
  options.fetch_threads = 1;
  auto registry = make();
  std::vector<FutureLease> leases;
  for (const char* id : {"a/1", "b/1", "c/1"}) {
    hub.offer(id);
    hub.set_gate(id, false);
  }
  for (const char* id : {"a/1", "b/1", "c/1", "a/1"}) leases.push_back(acquire(*registry, id));
  EXPECT_EQ(leases[2].get().error().code, Code::overloaded);
  for (const char* id : {"a/1", "b/1"}) hub.set_gate(id, true);
  EXPECT_TRUE(leases[0].get());
  EXPECT_TRUE(leases[1].get());
  EXPECT_TRUE(leases[3].get()) << "it joined the first";
}

TEST_F(RegistryHubTest, EndsWhileDownloadsRun) {
  hub.offer("far/1");
  hub.set_gate("far/1", false);
  auto registry = make();
  auto lease = acquire(*registry, "far/1");
  hub.wait_for_gets(1);
  registry.reset();
  EXPECT_EQ(lease.get().error().code, Code::unavailable);
  EXPECT_TRUE(hub.stopped());
}

}  // namespace
}  // namespace osprey::registry
