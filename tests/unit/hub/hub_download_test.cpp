// Packages over the network into the cache, from a registry that sometimes fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "hub/digest.hpp"
#include "hub/registry_client.hpp"
#include "registry_stand_in.hpp"

namespace osprey::hub {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::string noise(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::mt19937 generator(7);
  for (char& c : text) c = static_cast<char>(generator());
  return text;
}

/// A test with a registry, a cache and what intercepts requests for the weights.
class HubDownload : public ::testing::Test {
 protected:
  const std::filesystem::path& cache() { return folder_.path(); }
  HubOptions options() { return options_for(registry, cache()); }
  /// Answers the first `times` requests for the weights with what `change` makes of the right answer.
  void disturb(int times, std::function<void(LoopbackAnswer&)> change) {
    left_ = times;
    registry.intercept([this, change = std::move(change)](const LoopbackRequest& request) {
      if (request.path != kWeights || left_-- <= 0) return std::optional<LoopbackAnswer>();
      LoopbackAnswer answer = registry.file(request.path);
      change(answer);
      return std::optional(answer);
    });
  }
  int weights_hits() { return registry.hits(kWeights); }

  static constexpr const char* kWeights = "/files/parts/1/weights.onnx";
  RegistryStandIn registry;

 private:
  TempFolder folder_;
  std::atomic<int> left_{0};
};

TEST_F(HubDownload, PutsAPackageIntoTheCacheAndGivesItFromThere) {
  const auto hub = make_hub(options());
  EXPECT_FALSE(hub->is_cached("parts/1"));
  const auto first = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->downloaded());
  EXPECT_EQ(first->package_id(), "abc123");
  EXPECT_EQ(read_file(first->folder() / "weights.onnx"), "the network");
  EXPECT_EQ(read_file(first->folder() / "class_names.txt"), "bolt\nnut\n");
  EXPECT_EQ(json::parse(read_file(first->folder() / "package.json")),
            (json{{"taskType", "object-detection"}, {"modelArchitecture", "yolov8"}, {"modelVariant", "yolov8n"}}));
  EXPECT_TRUE(hub->is_cached("parts/1"));

  const auto requests = registry.requests().size();
  const auto second = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->downloaded());
  EXPECT_EQ(second->folder(), first->folder());
  EXPECT_EQ(registry.requests().size(), requests);

  const auto other = make_hub(options())->get("parts/1", "", {}, {});  // as after a restart
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->downloaded());
  EXPECT_EQ(other->package_id(), "abc123");
  EXPECT_EQ(registry.requests().size(), requests);
  EXPECT_TRUE(is_clean(cache()));
}

TEST_F(HubDownload, CountsAndTellsItsProgress) {
  registry.add("parts/1", {.files = {{"weights.onnx", noise(300'000)}}});
  disturb(1, [](LoopbackAnswer& answer) { answer.pause = milliseconds(1); });
  const auto hub = make_hub(options());
  std::vector<DownloadProgress> seen;
  std::size_t running = 0;
  ASSERT_TRUE(hub->get("parts/1", "", {}, [&](const DownloadProgress& progress) {
    seen.push_back(progress);
    running = std::max(running, hub->stats().running.size());
  }));
  ASSERT_GE(seen.size(), 2U);
  EXPECT_EQ(running, 1U);
  EXPECT_TRUE(
      std::is_sorted(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.received < b.received; }));
  EXPECT_EQ(seen.back().received, 300'000U);
  EXPECT_EQ(seen.back().total, 300'000U);
  EXPECT_EQ(seen.back().file, "weights.onnx");
  ASSERT_TRUE(hub->get("parts/1", "", {}, {}));
  const HubStats stats = hub->stats();
  EXPECT_EQ(stats.lookups, 2U);  // stat, weights
  EXPECT_EQ(stats.files_downloaded, 1U);
  EXPECT_EQ(stats.bytes_downloaded, 300'000U);
  EXPECT_EQ(stats.cache_hits, 1U);
  EXPECT_EQ(stats.cache_misses, 1U);
  EXPECT_GT(stats.cache_bytes, 300'000U);
  EXPECT_TRUE(stats.running.empty());
}

TEST_F(HubDownload, TakesThePackageThatSuitsFromAllPages) {
  registry.edit_weights([](json& metadata, const LoopbackRequest& request) {
    const std::string cursor = request.query.contains("startAfter") ? request.query.at("startAfter") : "";
    json& package = metadata["modelPackages"][0];
    if (cursor.empty()) {
      package["packageManifest"]["type"] = "trt-model-package-v1";
      metadata["nextPage"] = "p 2&";
    } else if (cursor == "p 2&") {
      package["packageManifest"]["quantization"] = "fp16";
      metadata["nextPage"] = "p3";
    } else {
      package["packageId"] = "best";
      package["recommendedParameters"] = {{"confidence", 0.25}};
    }
  });
  const auto package = make_hub(options())->get("parts/1", "", {}, {});
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_EQ(package->package_id(), "best");
  EXPECT_EQ(json::parse(read_file(package->folder() / "package.json"))["recommendedParameters"]["confidence"], 0.25);
  EXPECT_EQ(registry.hits("/models/v1/external/weights"), 3);
}

TEST_F(HubDownload, ReadsAtMostTenPages) {
  registry.edit_weights([](json& metadata, const LoopbackRequest&) { metadata["nextPage"] = "again"; });
  EXPECT_EQ(get_outcome(*make_hub(options())), "ok");
  EXPECT_EQ(registry.hits("/models/v1/external/weights"), 10);
}

TEST_F(HubDownload, SpeaksTheOlderProtocolWhereTheNewerIsMissing) {
  registry.speak_newer(false);
  const auto package = make_hub(options())->get("parts/1", "k&y", {}, {});
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_EQ(package->package_id(), "");
  EXPECT_EQ(read_file(package->folder() / "weights.onnx"), "the network");
  EXPECT_EQ(read_file(package->folder() / "class_names.txt"), "bolt\nnut\n");
  EXPECT_EQ(json::parse(read_file(package->folder() / "environment.json"))["COLORS"]["bolt"], "#112233");
  EXPECT_EQ(json::parse(read_file(package->folder() / "model_type.json"))["model_type"], "yolov8n");
  for (const auto& request : registry.requests()) {
    if (request.path == "/ort/parts/1") {
      EXPECT_EQ(request.query.at("api_key"), "k&y");
    }
    if (request.path.starts_with("/files/")) {  // the key is for the registry only
      EXPECT_FALSE(request.headers.contains("authorization"));
      EXPECT_EQ(request.target.find("api_key"), std::string::npos);
    }
  }
}

TEST_F(HubDownload, HoldsAnOlderFileAgainstTheHashInTheHeaders) {
  registry.speak_newer(false);
  const auto with_hash = [](const std::string& hash) {
    return
        [hash](LoopbackAnswer& answer) { answer.headers = {{"x-goog-hash", "crc32c=AAAA=="}, {"x-goog-hash", hash}}; };
  };
  disturb(1, with_hash("md5=AAAAAAAAAAAAAAAAAAAAAA=="));
  const auto hub = make_hub(options());
  EXPECT_EQ(get_outcome(*hub), "data_corrupted");
  EXPECT_FALSE(hub->is_cached("parts/1"));
  disturb(1, with_hash("md5=WfIKvZpLGdTZb4nUOvJ6EA=="));  // python: base64.b64encode(md5(b"the network").digest())
  EXPECT_EQ(get_outcome(*hub), "ok");
}

TEST_F(HubDownload, FallsBackToTheOlderProtocolWhenNoPackageOfTheNewerRunsHere) {
  registry.edit_weights([](json& metadata, const LoopbackRequest&) {
    metadata["modelPackages"][0]["packageManifest"]["type"] = "trt-model-package-v1";
  });
  const auto package = make_hub(options())->get("parts/1", "", {}, {});
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_TRUE(std::filesystem::exists(package->folder() / "environment.json"));
}

TEST_F(HubDownload, ResumesACutFileWhereItWasCut) {
  const std::string bytes = noise(200'000);
  registry.add("parts/1", {.files = {{"weights.onnx", bytes}}});
  disturb(4, [](LoopbackAnswer& answer) { answer.cut_after = 45'000; });
  const auto hub = make_hub(options());
  const auto package = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(package) << package.error().message;  // each try got further, so that they do not count
  EXPECT_EQ(read_file(package->folder() / "weights.onnx"), bytes);
  EXPECT_EQ(hub->stats().bytes_downloaded, bytes.size());
  std::vector<std::string> ranges;
  for (const auto& request : registry.requests()) {
    if (request.headers.contains("range")) ranges.push_back(request.headers.at("range"));
  }
  EXPECT_EQ(ranges.size(), 4U);
  EXPECT_EQ(ranges.at(0).substr(0, 6), "bytes=");
}

TEST_F(HubDownload, BeginsAnewWhereRangesAreNotHonoured) {
  disturb(2, [](LoopbackAnswer& answer) {
    answer.cut_after = 5;
    answer.ranges = false;
  });
  registry.intercept([this, first = std::make_shared<std::atomic<int>>(2)](const LoopbackRequest& request) {
    if (request.path != kWeights) return std::optional<LoopbackAnswer>();
    LoopbackAnswer answer = registry.file(request.path);
    answer.ranges = false;
    if ((*first)-- > 0) answer.cut_after = 5;
    return std::optional(answer);
  });
  const auto package = make_hub(options())->get("parts/1", "", {}, {});
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_EQ(read_file(package->folder() / "weights.onnx"), "the network");
}

TEST_F(HubDownload, RefusesAnotherPartThanItAskedFor) {
  disturb(1, [](LoopbackAnswer& answer) { answer.cut_after = 5; });
  registry.intercept([this](const LoopbackRequest& request) {
    if (request.path != kWeights) return std::optional<LoopbackAnswer>();
    LoopbackAnswer answer = registry.file(request.path);
    if (!request.headers.contains("range")) {
      answer.cut_after = 5;
      return std::optional(answer);
    }
    return std::optional(LoopbackAnswer{.status = 206, .headers = {{"Content-Range", "bytes 2-10/11"}}, .body = "x"});
  });
  const auto hub = make_hub(options());
  EXPECT_EQ(get_outcome(*hub), "internal");
  EXPECT_TRUE(is_clean(cache()));
}

TEST_F(HubDownload, GivesUpAFileThatIsAlwaysCut) {
  disturb(1000, [](LoopbackAnswer& answer) {
    answer.cut_after = 5;
    answer.ranges = false;
  });
  const auto hub = make_hub(options());
  const auto failed = hub->get("parts/1", "", {}, {});
  ASSERT_EQ(outcome(failed), "internal");
  EXPECT_NE(failed.error().message.find("did not deliver weights.onnx"), std::string::npos) << failed.error().message;
  EXPECT_LE(weights_hits(), 4);
  EXPECT_FALSE(hub->is_cached("parts/1"));
  EXPECT_TRUE(is_clean(cache()));
  EXPECT_TRUE(files_under(cache() / "osprey/packages").empty());
  registry.intercept({});
  EXPECT_EQ(get_outcome(*hub), "ok");
}

TEST_F(HubDownload, ThrowsAFileWithAnotherHashAway) {
  disturb(1, [](LoopbackAnswer& answer) { answer.body.back() ^= 1; });
  KeptLog kept;
  const auto hub = make_hub(options(), kept.log);
  const auto failed = hub->get("parts/1", "", {}, {});
  ASSERT_EQ(outcome(failed), "data_corrupted");
  EXPECT_NE(failed.error().message.find("weights.onnx"), std::string::npos);
  EXPECT_EQ(weights_hits(), 1);
  EXPECT_FALSE(hub->is_cached("parts/1"));
  EXPECT_TRUE(is_clean(cache()));
  EXPECT_NE(kept.text.str().find("thrown away"), std::string::npos);
  EXPECT_EQ(get_outcome(*hub), "ok");
}

TEST_F(HubDownload, BeginsAnewWhatIsSilent) {
  disturb(1, [](LoopbackAnswer& answer) { answer.silent = true; });
  auto impatient = options();
  impatient.stall_time = milliseconds(1000);
  const auto hub = make_hub(impatient);
  EXPECT_EQ(get_outcome(*hub), "ok");
  EXPECT_EQ(weights_hits(), 2);
  ASSERT_TRUE(hub->remove("parts/1"));
  disturb(1000, [](LoopbackAnswer& answer) { answer.silent = true; });
  EXPECT_EQ(get_outcome(*hub), "internal");
  EXPECT_TRUE(is_clean(cache()));
}

TEST_F(HubDownload, TriesStatusesThatPassAgainAndOthersNot) {
  disturb(2, [](LoopbackAnswer& answer) { answer = {.status = 503}; });
  const auto hub = make_hub(options());
  EXPECT_EQ(get_outcome(*hub), "ok");
  EXPECT_EQ(weights_hits(), 3);
  ASSERT_TRUE(hub->remove("parts/1"));
  disturb(1, [](LoopbackAnswer& answer) { answer = {.status = 404}; });
  const auto failed = hub->get("parts/1", "", {}, {});
  ASSERT_EQ(outcome(failed), "internal");  // not not_found: the model is known
  EXPECT_NE(failed.error().message.find("status 404"), std::string::npos);
  EXPECT_EQ(weights_hits(), 4);
}

TEST_F(HubDownload, RefusesAFileThatIsTooLarge) {
  auto few = options();
  few.max_file_bytes = 10;
  EXPECT_EQ(get_outcome(*make_hub(few)), "internal");
  EXPECT_EQ(weights_hits(), 1);
  EXPECT_TRUE(is_clean(cache()));
}

TEST_F(HubDownload, DownloadsEachFileOnceForAHundredCallers) {
  disturb(1000, [](LoopbackAnswer& answer) { answer.pause = milliseconds(30); });
  const auto hub = make_hub(options());
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 100; ++i) {
      callers.emplace_back([&] {
        const auto package = hub->get("parts/1", "", {}, {});
        good += package && read_file(package->folder() / "weights.onnx") == "the network" ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 100);
  for (const auto& [path, hits] : registry.file_hits()) EXPECT_EQ(hits, 1) << path;
  EXPECT_EQ(registry.hits("/models/v1/external/weights"), 1);
}

TEST_F(HubDownload, DownloadsEachFileOnceForTwoHubsOnOneCache) {
  disturb(1000, [](LoopbackAnswer& answer) { answer.pause = milliseconds(50); });
  const auto one = make_hub(options());
  const auto other = make_hub(options());
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 40; ++i) {
      callers.emplace_back([&, i] { good += get_outcome(i % 2 == 0 ? *one : *other) == "ok" ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 40);
  for (const auto& [path, hits] : registry.file_hits()) EXPECT_EQ(hits, 1) << path;
}

TEST_F(HubDownload, DoesNotMixTheFailuresOfDifferentKeys) {
  registry.accept_only({"good"});
  const auto hub = make_hub(options());
  std::atomic<int> right{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 20; ++i) {
      callers.emplace_back([&, i] {
        const std::string result = get_outcome(*hub, "parts/1", i % 2 == 0 ? "good" : "bad");
        // The bad key's callers may come when the package is there: who may use it is check_access()'s matter.
        right += result == "ok" || (i % 2 == 1 && result == "unauthenticated") ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(right, 20);
}

TEST_F(HubDownload, EndsAWaitThatIsCancelledAndADownloadThatNobodyWaitsFor) {
  disturb(1000, [](LoopbackAnswer& answer) { answer.silent = true; });
  const auto hub = make_hub(options());
  CancelToken cancel;
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(150));
    cancel.cancel();
  });
  EXPECT_EQ(outcome(hub->get("parts/1", "", cancel, {})), "cancelled");
  registry.intercept({});
  EXPECT_EQ(get_outcome(*hub), "ok");
  EXPECT_TRUE(is_clean(cache()));
}

TEST_F(HubDownload, GoesOnForTheOthersWhenOneLeaves) {
  disturb(1, [](LoopbackAnswer& answer) { answer.pause = milliseconds(300); });
  const auto hub = make_hub(options());
  CancelToken cancel;
  std::string first;
  std::string second;
  {
    const std::jthread a([&] { first = outcome(hub->get("parts/1", "", cancel, {})); });
    const std::jthread b([&] { second = get_outcome(*hub); });
    std::this_thread::sleep_for(milliseconds(100));
    cancel.cancel();
  }
  EXPECT_EQ(first, "cancelled");
  EXPECT_EQ(second, "ok");
  EXPECT_EQ(weights_hits(), 1);
}

TEST_F(HubDownload, StopsAtOnce) {
  disturb(1000, [](LoopbackAnswer& answer) { answer.silent = true; });
  const auto hub = make_hub(options());
  std::string result;
  {
    const std::jthread caller([&] { result = get_outcome(*hub); });
    std::this_thread::sleep_for(milliseconds(100));
    hub->stop();
  }
  EXPECT_EQ(result, "unavailable");
  EXPECT_EQ(get_outcome(*hub), "unavailable");
  EXPECT_TRUE(is_clean(cache()));
  hub->stop();
}

TEST(RetryPause, DoublesWithJitterUpToALimit) {
  EXPECT_EQ(retry_pause(1, milliseconds(500), 1.0), milliseconds(500));
  EXPECT_EQ(retry_pause(1, milliseconds(500), 0.0), milliseconds(250));
  EXPECT_EQ(retry_pause(3, milliseconds(500), 1.0), milliseconds(2000));
  EXPECT_EQ(retry_pause(60, milliseconds(500), 1.0), milliseconds(30'000));
}

}  // namespace
}  // namespace osprey::hub
