// Packages of the models folder that change, break or go while their models are live.
#include <gmock/gmock.h>

#include "registry_fixture.hpp"

namespace osprey::registry {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class RegistryFolderTest : public RegistryFixture {
 protected:
  RegistryFolderTest() { write("a/1"); }
  /// Two looks: what changed rests from the first to the second.
  static void look_twice(ModelRegistry& registry) {
    registry.check_folder();
    registry.check_folder();
  }
};

TEST_F(RegistryFolderTest, AChangedPackageTakesThePlaceOfTheLiveModel) {
  auto registry = make();
  const auto old = acquire(*registry, "a/1").get();
  set_classes("a/1", "new\nbright\n");
  set_gate(false);
  look_twice(*registry);
  ASSERT_TRUE(soon([&] { return runs > 1; }));
  EXPECT_EQ(first_class(*registry, "a/1"), "dark") << "while the new one loads";
  set_gate(true);
  EXPECT_TRUE(soon([&] { return registry->stats().swaps == 1; }));
  const auto fresh = acquire(*registry, "a/1").get();
  EXPECT_EQ((*fresh)->package.family.class_names.front(), "new");
  EXPECT_FALSE(fresh->cold());
  EXPECT_EQ((*old)->package.family.class_names.front(), "dark") << "who holds the old one keeps it";
  look_twice(*registry);
  EXPECT_EQ(registry->stats().loads, 2U) << "nothing more to do";
}

TEST_F(RegistryFolderTest, NoRequestFailsWhileModelsAreSwapped) {
  options.folder_interval = std::chrono::milliseconds(1);
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  std::vector<std::jthread> clients;
  for (int t = 0; t < 2; ++t) {
    clients.emplace_back([&] {
      while (!done) {
        registry->acquire({"a/1", "/p", {}}, [&](Result<ModelLease> lease) {
          if (!lease || !lease->at_once()) ++failures;
        });
      }
    });
  }
  for (std::uint64_t i = 1; i <= 5; ++i) {
    set_classes("a/1", "new" + std::to_string(i) + "\nbright\n");
    EXPECT_TRUE(soon([&] { return first_class(*registry, "a/1") == "new" + std::to_string(i); }));
  }
  done = true;
  clients.clear();
  EXPECT_EQ(failures, 0);
}

TEST_F(RegistryFolderTest, WaitsUntilFilesRest) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  for (int i = 0; i < 5; ++i) {
    set_classes("a/1", std::string(static_cast<std::size_t>(i + 1), 'x') + "\nbright\n");
    registry->check_folder();
  }
  EXPECT_EQ(runs, 1);
  registry->check_folder();
  EXPECT_TRUE(soon([&] { return first_class(*registry, "a/1") == "xxxxx"; }));
}

TEST_F(RegistryFolderTest, ABrokenPackageLeavesTheLiveModelUntilItIsMended) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  set_classes("a/1", "one\ntwo\nthree\n");
  look_twice(*registry);
  ASSERT_TRUE(soon([&] { return registry->stats().load_failures == 1; }));
  EXPECT_EQ(first_class(*registry, "a/1"), "dark");
  for (int i = 0; i < 5; ++i) registry->check_folder();
  EXPECT_EQ(registry->stats().load_failures, 1U) << "not tried again as it is";
  set_classes("a/1", "mended\nbright\n");
  look_twice(*registry);
  EXPECT_TRUE(soon([&] { return first_class(*registry, "a/1") == "mended"; }));
}

TEST_F(RegistryFolderTest, FilesThatChangeWhileTheyAreReadAreReadAgain) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  set_classes("a/1", "half\nbright\n");
  set_gate(false);
  look_twice(*registry);
  ASSERT_TRUE(soon([&] { return runs == 2; }));
  set_classes("a/1", "whole\nbright\n");
  set_gate(true);
  ASSERT_TRUE(soon([&] { return registry->stats().load_failures == 1; }));
  EXPECT_EQ(first_class(*registry, "a/1"), "dark");
  look_twice(*registry);
  EXPECT_TRUE(soon([&] { return first_class(*registry, "a/1") == "whole"; }));
}

TEST_F(RegistryFolderTest, AFirstLoadOfFilesThatAreSwappedMeanwhileReadsThemOnceMore) {
  during_run = [&] {
    if (runs == 1) set_classes("a/1", "whole\nbright\n");
  };
  auto registry = make();
  EXPECT_EQ(first_class(*registry, "a/1"), "whole");
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(registry->stats().load_failures, 0U);
}

TEST_F(RegistryFolderTest, AFirstLoadOfFilesThatGoOnChangingIsToBeTriedAgain) {
  during_run = [&] { set_classes("a/1", std::string(static_cast<std::size_t>(runs), 'x') + "\nbright\n"); };
  auto registry = make();
  auto lease = acquire(*registry, "a/1");
  const auto failed = lease.get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::unavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("is being written"));
  during_run = {};
  EXPECT_EQ(first_class(*registry, "a/1"), "xx") << "at once";
}

TEST_F(RegistryFolderTest, ARemovedPackageIsUnloadedAfterAWhile) {
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "a/1").get());
  fs::rename(root.path() / "a", root.path() / "away");
  registry->check_folder();
  EXPECT_TRUE(acquire(*registry, "a/1").get()) << "it may be on its way back";
  fs::rename(root.path() / "away", root.path() / "a");
  registry->check_folder();
  fs::remove_all(root.path() / "a");
  registry->check_folder();
  EXPECT_TRUE(acquire(*registry, "a/1").get());
  registry->check_folder();
  EXPECT_THAT(ids(*registry), ElementsAre());
  EXPECT_EQ(acquire(*registry, "a/1").get().error().code, Code::not_found);
}

TEST_F(RegistryFolderTest, APackageInTheFolderReplacesTheHubs) {
  hub.offer("far/1");
  auto registry = make_with(&hub);
  ASSERT_TRUE(acquire(*registry, "far/1").get());
  look_twice(*registry);
  EXPECT_EQ(registry->stats().loads, 1U) << "the hub's is not looked for in the folder's stead";
  write("far/1");
  set_classes("far/1", "own\nbright\n");
  look_twice(*registry);
  EXPECT_TRUE(soon([&] { return first_class(*registry, "far/1") == "own"; }));
  EXPECT_TRUE(soon([&] { return hub.held() == 0; }));
}

TEST_F(RegistryFolderTest, APackageOfAnAliassOwnNameReplacesWhatItStoodFor) {
  write("coco/3");
  auto registry = make();
  ASSERT_TRUE(acquire(*registry, "yolov8n-640").get());
  write("yolov8n-640");
  set_classes("yolov8n-640", "own\nbright\n");
  registry->check_folder();
  EXPECT_EQ(first_class(*registry, "yolov8n-640"), "own");
}

TEST_F(RegistryFolderTest, AModelThatNobodyAsksForIsUnloaded) {
  options.unload_idle = std::chrono::seconds(10);
  auto registry = make();
  auto lease = acquire(*registry, "a/1").get();
  registry->check_folder();
  clock->advance(std::chrono::seconds(9));
  registry->check_folder();
  EXPECT_EQ(registry->stats().live, 1U);
  clock->advance(std::chrono::seconds(1));
  registry->check_folder();
  EXPECT_EQ(registry->stats().live, 0U);
  EXPECT_EQ(registry->stats().idle_unloads, 1U);
  EXPECT_TRUE((*lease)->session) << "who holds it keeps it";
  EXPECT_TRUE(acquire(*registry, "a/1").get()->cold()) << "it comes back when it is asked for";
}

TEST_F(RegistryFolderTest, AFailureIsRememberedUntilItsTimeOrItsFilesHaveChanged) {
  set_classes("a/1", "one\ntwo\nthree\n");
  write("b/1");
  set_broken("an operator is missing");
  auto registry = make();
  EXPECT_EQ(acquire(*registry, "b/1").get().error().code, Code::unsupported);
  const int tried = runs;
  for (int i = 0; i < 10; ++i) {
    const auto again = acquire(*registry, "b/1").get();
    EXPECT_EQ(again.error().code, Code::unsupported);
    EXPECT_THAT(again.error().message, HasSubstr("an operator is missing"));
  }
  EXPECT_EQ(runs, tried) << "not compiled again";
  clock->advance(std::chrono::seconds(1));
  EXPECT_FALSE(acquire(*registry, "b/1").get());
  EXPECT_GT(runs, tried);
  set_broken("");
  EXPECT_FALSE(acquire(*registry, "b/1").get());
  set_classes("b/1", "new\nbright\n");
  EXPECT_TRUE(acquire(*registry, "b/1").get()) << "the files changed: at once";
}

}  // namespace
}  // namespace osprey::registry
