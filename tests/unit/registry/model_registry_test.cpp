#include "registry/model_registry.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_models.hpp"

namespace osprey::registry {
namespace {

using testing::ElementsAre;

class ModelRegistryTest : public testing::Test {
 protected:
  ModelRegistryTest() {
    for (const char* id : {"a/1", "b/1", "c/1"}) write_fake_detector(root.path(), id);
  }

  /// Warm-up runs count loads; while `gate` is closed they wait.
  Result<std::vector<engine::FakeOutput>> run(std::span<const TensorView> inputs) {
    ++runs;
    std::unique_lock lock(mutex);
    opened.wait(lock, [&] { return gate_open; });
    return fake_detector(inputs);
  }
  void set_gate(bool open) {
    const std::lock_guard lock(mutex);
    gate_open = open;
    opened.notify_all();
  }

  ModelRegistry make(RegistryOptions options = {}) {
    return ModelRegistry(options, std::move(ModelFolder::open(root.path())).value(),
                         {*engine, scheduler, clock, make_null_log(), {}});
  }
  static std::future<Result<ModelLease>> acquire(ModelRegistry& registry, std::string_view id,
                                                 std::string_view path = "/p") {
    auto promise = std::make_shared<std::promise<Result<ModelLease>>>();
    registry.acquire({id, path, {}}, [promise](Result<ModelLease> lease) { promise->set_value(std::move(lease)); });
    return promise->get_future();
  }
  static std::vector<std::string> ids(const ModelRegistry& registry) {
    std::vector<std::string> result;
    for (const auto& model : registry.list()) result.push_back(model.model_id);
    return result;
  }

  TemporaryFolder root;
  std::atomic<int> runs{0};
  std::mutex mutex;
  std::condition_variable opened;
  bool gate_open = true;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  scheduler::Scheduler scheduler{0, clock};
  std::unique_ptr<engine::Engine> engine = engine::create_fake_engine(
      fake_detector_graph(), [this](std::span<const TensorView> inputs) { return run(inputs); });
};

TEST_F(ModelRegistryTest, LoadsOnFirstUseAndIsWarmAfterwards) {
  auto registry = make();
  const auto cold = acquire(registry, "a/1").get();
  ASSERT_TRUE(cold) << cold.error().message;
  EXPECT_TRUE(cold->cold());
  EXPECT_EQ((*cold)->id, "a/1");
  EXPECT_EQ((*cold)->package.family.class_names, (std::vector<std::string>{"dark", "bright"}));
  const auto warm = acquire(registry, "a/1").get();
  ASSERT_TRUE(warm);
  EXPECT_FALSE(warm->cold());
  EXPECT_EQ(&**warm, &**cold);
}

TEST_F(ModelRegistryTest, LoadsOnceForAnyNumberOfWaiters) {
  set_gate(false);
  auto registry = make();
  std::vector<std::future<Result<ModelLease>>> leases;
  for (int i = 0; i < 20; ++i) leases.push_back(acquire(registry, "a/1"));
  set_gate(true);
  for (auto& lease : leases) EXPECT_TRUE(lease.get());
  EXPECT_EQ(runs, 1);
}

TEST_F(ModelRegistryTest, ALoadDoesNotHoldUpALiveModel) {
  auto registry = make();
  ASSERT_TRUE(acquire(registry, "a/1").get());
  set_gate(false);
  auto loading = acquire(registry, "b/1");
  auto live = acquire(registry, "a/1");
  EXPECT_EQ(live.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  set_gate(true);
  EXPECT_TRUE(loading.get());
}

TEST_F(ModelRegistryTest, UnloadsTheLeastRecentlyUsed) {
  auto registry = make({.max_active_models = 2});
  ASSERT_TRUE(acquire(registry, "a/1").get());
  ASSERT_TRUE(acquire(registry, "b/1").get());
  ASSERT_TRUE(acquire(registry, "a/1").get());
  ASSERT_TRUE(acquire(registry, "c/1").get());
  EXPECT_THAT(ids(registry), ElementsAre("a/1", "c/1"));
}

TEST_F(ModelRegistryTest, ALeaseKeepsARemovedModel) {
  auto registry = make();
  auto lease = std::move(acquire(registry, "a/1").get()).value();
  EXPECT_TRUE(registry.remove("a/1"));
  EXPECT_FALSE(registry.remove("a/1"));
  EXPECT_TRUE(registry.list().empty());
  EXPECT_EQ(lease->package.family.class_names.size(), 2U);
}

TEST_F(ModelRegistryTest, ListsInOrderOfLoadingWithThePathsThatTouchedEach) {
  auto registry = make();
  ASSERT_TRUE(acquire(registry, "b/1", "/model/add").get());
  ASSERT_TRUE(acquire(registry, "a/1", "/infer/object_detection").get());
  ASSERT_TRUE(acquire(registry, "b/1", "/infer/object_detection").get());
  const auto models = registry.list();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].model_id, "b/1");
  EXPECT_THAT(models[0].request_paths, ElementsAre("/infer/object_detection", "/model/add"));
  EXPECT_EQ(models[0].input, (vision::Size{32, 32}));
  registry.clear();
  EXPECT_TRUE(registry.list().empty());
}

TEST_F(ModelRegistryTest, AFailedLoadLeavesNothingAndMayBeTriedAgain) {
  std::filesystem::remove(root.path() / "a/1/class_names.txt");
  auto registry = make();
  const auto failed = acquire(registry, "a/1").get();
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("class_names.txt"), std::string::npos) << failed.error().message;
  EXPECT_TRUE(registry.list().empty());
  write_file(root.path() / "a/1/class_names.txt", "dark\nbright\n");
  EXPECT_TRUE(acquire(registry, "a/1").get());
}

TEST_F(ModelRegistryTest, RefusesIdsThatAreNoneAndPackagesThatAreNotThere) {
  auto registry = make();
  EXPECT_EQ(acquire(registry, "a/b/c").get().error().code, Code::invalid_argument);
  EXPECT_EQ(acquire(registry, "zebra/1").get().error().code, Code::not_found);
}

TEST_F(ModelRegistryTest, RefusesAPackageWhoseClassesDoNotFitItsNetwork) {
  write_file(root.path() / "a/1/class_names.txt", "one\ntwo\nthree\n");
  auto registry = make();
  const auto lease = acquire(registry, "a/1").get();
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().code, Code::data_corrupted) << lease.error().message;
}

TEST_F(ModelRegistryTest, TellsThoseWhoWaitWhenItEnds) {
  std::future<Result<ModelLease>> second;
  std::jthread opener;
  {
    set_gate(false);
    auto registry = make();
    auto first = acquire(registry, "a/1");
    while (runs == 0) std::this_thread::yield();
    second = acquire(registry, "b/1");
    opener = std::jthread([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      set_gate(true);
    });
  }
  EXPECT_EQ(second.get().error().code, Code::unavailable);
}

}  // namespace
}  // namespace osprey::registry
