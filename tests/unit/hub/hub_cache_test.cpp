// The cache on disk: damage, disks that fail, eviction, packages that are held, processes that die.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "registry_stand_in.hpp"

namespace osprey::hub {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class HubCache : public ::testing::Test {
 protected:
  const fs::path& cache() { return folder_.path(); }
  HubOptions options() { return options_for(registry, cache()); }
  HubOptions offline() {
    auto made = options();
    made.offline = true;
    return made;
  }
  /// Brings a model into the cache; its folder.
  fs::path warm(const std::string& model_id = "parts/1") {
    const auto package = make_hub(options())->get(model_id, "", {}, {});
    EXPECT_TRUE(package);
    return package ? package->folder() : fs::path();
  }
  void add_model(const std::string& model_id, std::size_t bytes) {
    registry.add(model_id, {.files = {{"weights.onnx", std::string(bytes, 'w')}}});
  }

  RegistryStandIn registry;

 private:
  TempFolder folder_;
};

TEST_F(HubCache, RemovesADamagedPackageAndFetchesItAnew) {
  const auto damages = std::vector<std::function<void(const fs::path&)>>{
      [](const fs::path& folder) { write_text(folder / "weights.onnx", "THE NETWORK"); },  // of the same length
      [](const fs::path& folder) { write_text(folder / "weights.onnx", "the"); },
      [](const fs::path& folder) { write_text(folder / "package.json", "{}"); },
      [](const fs::path& folder) { fs::remove(folder / "class_names.txt"); },
      [](const fs::path& folder) { write_text(folder / ".manifest.json", "{"); },
      [](const fs::path& folder) { write_text(folder / ".manifest.json", R"({"format": 2})"); },
      [](const fs::path& folder) {
        fs::remove(folder / "weights.onnx");
        fs::create_symlink("/etc/hostname", folder / "weights.onnx");
      },
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    const fs::path folder = warm();
    damages[i](folder);
    EXPECT_EQ(outcome(make_hub(offline())->get("parts/1", "", {}, {})), "data_corrupted") << i;
    EXPECT_TRUE(fs::exists(folder)) << i;  // nobody could bring it back
    const auto hub = make_hub(options());
    const auto package = hub->get("parts/1", "", {}, {});
    ASSERT_TRUE(package) << i << package.error().message;
    EXPECT_TRUE(package->downloaded()) << i;
    EXPECT_EQ(read_file(package->folder() / "weights.onnx"), "the network") << i;
    EXPECT_EQ(hub->stats().damaged, 1U) << i;
    EXPECT_FALSE(fs::exists(folder)) << i;
  }
}

TEST_F(HubCache, NoticesDamageWhileItRuns) {
  const auto hub = make_hub(options());
  const auto first = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(first);
  ASSERT_EQ(get_outcome(*hub), "ok");
  write_text(first->folder() / "weights.onnx", "THE NETWORK");
  const auto second = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->downloaded());
}

TEST_F(HubCache, SaysWhatIsDamagedOffline) {
  write_text(warm() / "weights.onnx", "THE NETWORK");
  const auto damaged = make_hub(offline())->get("parts/1", "", {}, {});
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().message.find("weights.onnx does not have the hash"), std::string::npos);
  EXPECT_EQ(damaged.error().message.find(cache().string()), std::string::npos);
}

TEST_F(HubCache, ListsAndRemoves) {
  add_model("other/2", 1000);
  warm();
  warm("other/2");
  const auto hub = make_hub(options());
  const auto entries = hub->list();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].model_id, "other/2");
  EXPECT_GE(entries[0].bytes, 1000U);
  EXPECT_TRUE(fs::exists(entries[0].folder / "weights.onnx"));
  const auto removed = hub->remove("other/2");
  ASSERT_TRUE(removed);
  EXPECT_TRUE(*removed);
  EXPECT_FALSE(*hub->remove("other/2"));
  EXPECT_FALSE(fs::exists(entries[0].folder.parent_path()));
  EXPECT_EQ(hub->list().size(), 1U);
}

TEST_F(HubCache, RemovesAHeldPackageWhenItIsLetGo) {
  const auto hub = make_hub(options());
  const auto other = make_hub(options());  // as another process
  fs::path folder;
  {
    const auto held = other->get("parts/1", "", {}, {});
    ASSERT_TRUE(held);
    folder = held->folder();
    EXPECT_TRUE(*hub->remove("parts/1"));
    EXPECT_FALSE(hub->is_cached("parts/1"));
    EXPECT_TRUE(fs::exists(folder / "weights.onnx"));
    const auto fresh = hub->get("parts/1", "", {}, {});
    ASSERT_TRUE(fresh);
    EXPECT_NE(fresh->folder(), folder);
    EXPECT_TRUE(fs::exists(folder / "weights.onnx"));
  }
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_TRUE(hub->is_cached("parts/1"));
}

TEST_F(HubCache, TakesAnotherPackageAfterOneThatCannotBeLoaded) {
  registry.edit_weights([](nlohmann::json& metadata, const LoopbackRequest&) {
    nlohmann::json second = metadata["modelPackages"][0];
    second["packageId"] = "second";
    second["packageManifest"]["opset"] = 9;
    metadata["modelPackages"].push_back(second);
  });
  const auto hub = make_hub(options());
  for (const char* expected : {"abc123", "second", "abc123"}) {
    const auto package = hub->get("parts/1", "", {}, {});
    ASSERT_TRUE(package);
    EXPECT_TRUE(package->downloaded());
    EXPECT_EQ(package->package_id(), expected);
    hub->discard(*package);
  }
}

TEST_F(HubCache, EvictsWhatWasUsedLongestAgoButNothingThatIsHeld) {
  for (const char* id : {"a/1", "b/1", "c/1", "d/1"}) add_model(id, 1000);
  auto limited = options();
  limited.max_cache_bytes = 2700;  // two models
  const auto hub = make_hub(limited);
  const auto pause = [] { std::this_thread::sleep_for(milliseconds(15)); };
  ASSERT_EQ(get_outcome(*hub, "a/1"), "ok");
  pause();
  ASSERT_EQ(get_outcome(*hub, "b/1"), "ok");
  pause();
  ASSERT_EQ(get_outcome(*hub, "a/1"), "ok");
  pause();
  ASSERT_EQ(get_outcome(*hub, "c/1"), "ok");
  EXPECT_TRUE(hub->is_cached("a/1"));
  EXPECT_FALSE(hub->is_cached("b/1"));
  EXPECT_TRUE(hub->is_cached("c/1"));
  EXPECT_EQ(hub->stats().evicted, 1U);
  pause();
  const auto other = make_hub(options());
  const auto held = other->get("a/1", "", {}, {});
  ASSERT_TRUE(held);
  pause();
  ASSERT_EQ(get_outcome(*hub, "c/1"), "ok");
  pause();
  ASSERT_EQ(get_outcome(*hub, "d/1"), "ok");
  EXPECT_TRUE(hub->is_cached("a/1"));
  EXPECT_FALSE(hub->is_cached("c/1"));
  EXPECT_TRUE(hub->is_cached("d/1"));
}

TEST_F(HubCache, KeepsItsLimitFromTheStart) {
  add_model("a/1", 1000);
  warm("a/1");
  auto limited = options();
  limited.max_cache_bytes = 500;
  EXPECT_FALSE(make_hub(limited)->is_cached("a/1"));
}

TEST_F(HubCache, RemovesWhatDeadProcessesLeftAndNothingOfLiveOnes) {
  write_text(cache() / "osprey/partial/dead/weights.onnx", "half");
  write_text(cache() / "osprey/partial/dead.lock", "");
  write_text(cache() / "osprey/partial/orphan/weights.onnx", "half");
  write_text(cache() / "osprey/packages/parts-1-x/0-1/weights.onnx", "no manifest");
  write_text(cache() / "osprey/partial/live/weights.onnx", "half");
  write_text(cache() / "osprey/partial/live.lock", "");
  const int lock = open((cache() / "osprey/partial/live.lock").c_str(), O_RDWR);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  const auto hub = make_hub(options());
  const std::set<std::string> left{"partial/live/weights.onnx"};
  EXPECT_EQ(files_under(cache() / "osprey"), left);
  close(lock);
  EXPECT_EQ(get_outcome(*hub), "ok");
  EXPECT_TRUE(is_clean(cache()));
}

#if !defined(__SANITIZE_THREAD__)  // which follows no child of a process with threads
TEST_F(HubCache, SurvivesProcessesThatAreKilled) {
  registry.add("parts/1", {.files = {{"weights.onnx", std::string(100'000, 'w')}}});
  registry.intercept([this](const LoopbackRequest& request) {
    if (!request.path.starts_with("/files/")) return std::optional<LoopbackAnswer>();
    LoopbackAnswer answer = registry.file(request.path);
    answer.pause = milliseconds(1);
    return std::optional(answer);
  });
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto hub = make_hub(options());
      for (;;) {
        (void)hub->get("parts/1", "", {}, {});
        (void)hub->remove("parts/1");
      }
    }
    std::this_thread::sleep_for(milliseconds(20 + 37 * i));
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto package = make_hub(options())->get("parts/1", "", {}, {});
    ASSERT_TRUE(package) << i << package.error().message;
    EXPECT_EQ(fs::file_size(package->folder() / "weights.onnx"), 100'000U);
    EXPECT_TRUE(is_clean(cache())) << i;
  }
}
#endif

TEST_F(HubCache, SaysThatTheDiskIsFullAndLeavesNothing) {
  add_model("large/1", 100'000);
  const auto hub = make_hub(options());
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit limited = before;
  limited.rlim_cur = 50'000;
  setrlimit(RLIMIT_FSIZE, &limited);
  const auto failed = hub->get("large/1", "", {}, {});
  const std::string small = get_outcome(*hub);
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_EQ(outcome(failed), "internal");
  EXPECT_NE(failed.error().message.find("the model cache is full"), std::string::npos) << failed.error().message;
  EXPECT_EQ(failed.error().message.find(cache().string()), std::string::npos);
  EXPECT_EQ(small, "ok");
  EXPECT_TRUE(is_clean(cache()));
  EXPECT_FALSE(hub->is_cached("large/1"));
  EXPECT_EQ(get_outcome(*hub, "large/1"), "ok");
}

/// A file system of its own for a test.
class Mount {
 public:
  Mount(const fs::path& at, const char* options) : at_(at) {
    good_ = mount("tmpfs", at.c_str(), "tmpfs", 0, options) == 0;
  }
  ~Mount() {
    if (good_) umount(at_.c_str());
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  [[nodiscard]] bool good() const { return good_; }
  bool make_read_only() { return mount(nullptr, at_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0; }

 private:
  fs::path at_;
  bool good_ = false;
};

TEST_F(HubCache, LivesOnASmallDisk) {
  const TempFolder place;
  const Mount disk(place.path(), "size=256k");
  if (!disk.good()) GTEST_SKIP() << "mounting a tmpfs is not allowed here";
  add_model("large/1", 1'000'000);
  const auto hub = make_hub(options_for(registry, place.path()));
  const auto failed = hub->get("large/1", "", {}, {});
  ASSERT_EQ(outcome(failed), "internal");
  EXPECT_NE(failed.error().message.find("the model cache is full"), std::string::npos) << failed.error().message;
  EXPECT_TRUE(is_clean(place.path()));
  EXPECT_EQ(get_outcome(*hub), "ok");
}

TEST_F(HubCache, ServesAReadOnlyDisk) {
  const TempFolder place;
  Mount disk(place.path(), "size=1m");
  if (!disk.good()) GTEST_SKIP() << "mounting a tmpfs is not allowed here";
  ASSERT_EQ(get_outcome(*make_hub(options_for(registry, place.path()))), "ok");
  ASSERT_TRUE(disk.make_read_only());
  add_model("other/1", 10);
  const auto hub = make_hub(options_for(registry, place.path()));
  EXPECT_EQ(get_outcome(*hub), "ok");
  const auto failed = hub->get("other/1", "", {}, {});
  ASSERT_EQ(outcome(failed), "internal");
  EXPECT_NE(failed.error().message.find("cannot be written: Read-only file system"), std::string::npos)
      << failed.error().message;
  EXPECT_FALSE(hub->remove("parts/1"));
  EXPECT_EQ(get_outcome(*hub), "ok");
}

TEST_F(HubCache, SaysThatTheFolderCannotBeMade) {
  write_text(cache() / "file", "");
  KeptLog kept;
  const auto hub = make_hub(options_for(registry, cache() / "file"), kept.log);
  EXPECT_NE(kept.text.str().find("cannot be written"), std::string::npos);
  const auto failed = hub->get("parts/1", "", {}, {});
  ASSERT_EQ(outcome(failed), "internal");
  EXPECT_NE(failed.error().message.find("the model cache cannot be written"), std::string::npos);
  EXPECT_TRUE(hub->list().empty());
}

}  // namespace
}  // namespace osprey::hub
