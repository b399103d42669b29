#include "registry/model_registry.hpp"

#include <gmock/gmock.h>

#include "registry_fixture.hpp"

namespace osprey::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class ModelRegistryTest : public RegistryFixture {
 protected:
  ModelRegistryTest() {
    for (const char* id : {"a/1", "b/1", "c/1"}) write(id);
  }
};

TEST_F(ModelRegistryTest, LoadsOnFirstUseAndIsWarmAfterwards) {
  auto registry = make();
  const auto cold = acquire(*registry, "a/1").get();
  ASSERT_TRUE(cold) << cold.error().message;
  EXPECT_TRUE(cold->cold());
  EXPECT_FALSE(cold->at_once());
  EXPECT_EQ((*cold)->id, "a/1");
  EXPECT_EQ((*cold)->package.family.class_names, (std::vector<std::string>{"dark", "bright"}));
  const auto warm = acquire(*registry, "a/1").get();
  ASSERT_TRUE(warm);
  EXPECT_FALSE(warm->cold());
  EXPECT_TRUE(warm->at_once());
  EXPECT_EQ((*warm)->lane, (*cold)->lane);
}

TEST_F(ModelRegistryTest, LoadsOnceForAnyNumberOfWaiters) {
  set_gate(false);
  auto registry = make();
  std::vector<FutureLease> leases;
  for (int i = 0; i < 20; ++i) leases.push_back(acquire(*registry, "a/1"));
  set_gate(true);
  for (auto& lease : leases) EXPECT_TRUE(lease.get());
  EXPECT_EQ(registry->stats().loads, 1U);
}

TEST_F(ModelRegistryTest, ALoadDoesNotHoldUpALiveModel) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  set_gate(false);
  auto loading = acquire(*registry, "b/1");
  auto live = acquire(*registry, "a/1");
  EXPECT_TRUE(is_ready(live));
  set_gate(true);
  EXPECT_TRUE(loading.get());
}

TEST_F(ModelRegistryTest, CompilesSoManyAtATime) {
  options.loader_threads = 2;
  set_gate(false);
  auto registry = make();
  std::vector<FutureLease> leases;
  for (const char* id : {"a/1", "b/1", "c/1"}) leases.push_back(acquire(*registry, id));
  EXPECT_TRUE(soon([&] { return runs == 2; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(registry->stats().loading, 3U);
  set_gate(true);
  for (auto& lease : leases) EXPECT_TRUE(lease.get());
}

TEST_F(ModelRegistryTest, UnloadsTheLeastRecentlyUsed) {
  options.max_active_models = 2;
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  ASSERT_TRUE(acquire(*registry, "b/1").get());
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  ASSERT_TRUE(acquire(*registry, "c/1").get());
  EXPECT_THAT(ids(*registry), ElementsAre("a/1", "c/1"));
  EXPECT_EQ(registry->stats().evictions, 1U);
}

TEST_F(ModelRegistryTest, ALeaseKeepsARemovedModel) {
  auto registry = make();
  auto lease = std::move(acquire(*registry, "a/1").get()).value();
  EXPECT_TRUE(registry->remove("a/1"));
  EXPECT_FALSE(registry->remove("a/1"));
  EXPECT_TRUE(registry->list().empty());
  EXPECT_EQ(lease->package.family.class_names.size(), 2U);
}

TEST_F(ModelRegistryTest, ListsInOrderOfLoadingWithThePathsThatTouchedEach) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "b/1", "", "/model/add").get());
  ASSERT_TRUE(acquire(*registry, "a/1", "", "/infer/object_detection").get());
  ASSERT_TRUE(acquire(*registry, "b/1", "", "/infer/object_detection").get());
  const auto models = registry->list();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].model_id, "b/1");
  EXPECT_THAT(models[0].request_paths, ElementsAre("/infer/object_detection", "/model/add"));
  EXPECT_EQ(models[0].input, (vision::Size{32, 32}));
  registry->clear();
  EXPECT_TRUE(registry->list().empty());
}

TEST_F(ModelRegistryTest, AFailedLoadLeavesNothingAndIsTriedAgainOnceTheFilesHaveChanged) {
  std::filesystem::remove(root.path() / "a/1/class_names.txt");
  auto registry = make();
  const auto failed = acquire(*registry, "a/1").get();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message,
              testing::AllOf(testing::StartsWith("Model loading failed: model a/1: "), HasSubstr("class_names.txt")));
  EXPECT_TRUE(registry->list().empty());
  set_classes("a/1", "dark\nbright\n");
  EXPECT_TRUE(acquire(*registry, "a/1").get());
}

TEST_F(ModelRegistryTest, RefusesIdsThatAreNoneAndPackagesThatAreNotThere) {
  auto registry = make();
  EXPECT_EQ(acquire(*registry, "a/b/c").get().error().code, Code::invalid_argument);
  EXPECT_EQ(acquire(*registry, "zebra/1").get().error().code, Code::not_found);
}

TEST_F(ModelRegistryTest, RefusesAPackageWhoseClassesDoNotFitItsNetwork) {
  set_classes("a/1", "one\ntwo\nthree\n");
  auto registry = make();
  const auto lease = acquire(*registry, "a/1").get();
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().code, Code::data_corrupted) << lease.error().message;
}

TEST_F(ModelRegistryTest, LoadsWhatIsToBeLoadedAtTheStart) {
  options.pinned = {"a/1"};
  options.preload = {"b/1", "gone/1", "no/such/id", "a/1"};
  set_gate(false);
  auto registry = make();
  EXPECT_FALSE(registry->preloaded());
  set_gate(true);
  EXPECT_TRUE(soon([&] { return registry->preloaded(); })) << "also when some of them fail";
  EXPECT_THAT(ids(*registry), UnorderedElementsAre("a/1", "b/1"));
  EXPECT_TRUE(registry->list()[0].request_paths.empty());
  EXPECT_TRUE(acquire(*registry, "b/1").get()->at_once());
}

TEST_F(ModelRegistryTest, WithNothingToLoadAtTheStartAllIsLoaded) {
  EXPECT_TRUE(make()->preloaded());
}

TEST_F(ModelRegistryTest, PreloadsWithTheKeyForIt) {
  hub.offer("coco/3", {"start"});
  options.preload = {"yolov8n-640"};
  options.preload_key = "start";
  auto registry = make_with(&hub);
  EXPECT_TRUE(soon([&] { return registry->preloaded(); }));
  EXPECT_THAT(hub.gets(), ElementsAre("start"));
  EXPECT_THAT(ids(*registry), ElementsAre("coco/3")) << "under the id that clients ask for";
}

TEST_F(ModelRegistryTest, PinnedModelsAreNotEvictedAndLeaveNoRoomWhenTheyTakeAll) {
  options.max_active_models = 2;
  options.pinned = {"a/1"};
  auto registry = make();
  ASSERT_TRUE(soon([&] { return registry->preloaded(); }));
  ASSERT_TRUE(acquire(*registry, "b/1").get());
  ASSERT_TRUE(acquire(*registry, "c/1").get());
  EXPECT_THAT(ids(*registry), ElementsAre("a/1", "c/1"));

  options.pinned = {"a/1", "b/1"};
  auto full = make();
  ASSERT_TRUE(soon([&] { return full->preloaded(); }));
  const int before = runs;
  const auto refused = acquire(*full, "c/1").get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::internal);
  EXPECT_THAT(refused.error().message, HasSubstr("PINNED_MODELS"));
  EXPECT_EQ(runs, before) << "not loaded in vain";
  EXPECT_TRUE(acquire(*full, "b/1").get());
}

TEST_F(ModelRegistryTest, CountsWhatItDoes) {
  set_classes("b/1", "one\ntwo\nthree\n");
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  EXPECT_FALSE(acquire(*registry, "b/1").get());
  const auto stats = registry->stats();
  EXPECT_EQ(stats.live, 1U);
  EXPECT_EQ(stats.loading, 0U);
  EXPECT_EQ(stats.loads, 1U);
  EXPECT_EQ(stats.load_failures, 1U);
  ASSERT_EQ(stats.models.size(), 1U);
  EXPECT_EQ(stats.models[0].model_id, "a/1");
  EXPECT_EQ(stats.models[0].lane.name, "a/1");
}

TEST_F(ModelRegistryTest, TheTimeOfALoadIsFromItsFirstRequestOn) {
  hub.offer("far/1");
  hub.set_gate("far/1", false);
  auto registry = make_with(&hub);
  auto lease = acquire(*registry, "far/1");
  hub.wait_for_gets(1);
  clock->advance(std::chrono::seconds(3));
  hub.set_gate("far/1", true);
  EXPECT_EQ((*lease.get())->load_seconds, 3.0);
  EXPECT_EQ(registry->stats().load_seconds, 3.0);
}

TEST_F(ModelRegistryTest, TellsThoseWhoWaitWhenItEnds) {
  set_gate(false);
  options.loader_threads = 1;
  auto registry = make();
  auto first = acquire(*registry, "a/1");
  ASSERT_TRUE(soon([&] { return runs > 0; }));
  auto second = acquire(*registry, "b/1");
  std::jthread opener([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    set_gate(true);
  });
  registry.reset();
  EXPECT_EQ(first.get().error().code, Code::unavailable);
  EXPECT_EQ(second.get().error().code, Code::unavailable);
}

TEST_F(ModelRegistryTest, ManyThreadsMayAskAtOnce) {
  options.max_active_models = 2;
  hub.offer("d/1");
  auto registry = make_with(&hub);
  std::atomic<int> answers{0};
  std::atomic<int> failures{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const char* all[] = {"a/1", "b/1", "c/1", "d/1"};
      for (int i = 0; i < 50; ++i) {
        registry->acquire({all[(t + i * 7) % 4], "/p", {}}, [&](const Result<ModelLease>& lease) {
          if (!lease) ++failures;
          ++answers;
        });
        if (i % 10 == 0) (void)registry->remove("a/1");
        if (i % 5 == 0) (void)registry->stats();
      }
    });
  }
  threads.clear();
  EXPECT_TRUE(soon([&] { return answers == 200; }));
  EXPECT_EQ(failures, 0);
  EXPECT_LE(registry->list().size(), 2U);
}

}  // namespace
}  // namespace osprey::registry
