// What the registry refuses, what is asked of it, and that keys stay secret.
#include <gtest/gtest.h>

#include <chrono>

#include "registry_stand_in.hpp"

namespace osprey::hub {
namespace {

using std::chrono::milliseconds;

constexpr const char* kStat = "/models/v1/external/stat";
constexpr const char* kList = "/models/v1/external/weights";

class HubRegistry : public ::testing::Test {
 protected:
  HubOptions options() { return options_for(registry, folder_.path()); }
  void answer_always(const std::string& path, const LoopbackAnswer& answer) {
    registry.intercept(
        [=](const LoopbackRequest& request) { return request.path == path ? std::optional(answer) : std::nullopt; });
  }
  std::string message_of(Hub& hub, const std::string& model_id = "parts/1") {
    const auto package = hub.get(model_id, "", {}, {});
    return package ? "ok" : package.error().message;
  }

  RegistryStandIn registry;

 private:
  TempFolder folder_;
};

TEST_F(HubRegistry, TellsEachRefusalAsTheReferenceDoes) {
  const auto hub = make_hub(options());
  const std::pair<int, const char*> both[] = {
      {401, "unauthenticated"}, {402, "payment_required"}, {403, "permission_denied"}, {423, "locked"}};
  for (const auto& [status, code] : both) {
    answer_always(kStat, {.status = status});
    EXPECT_EQ(get_outcome(*hub), code) << status;
    EXPECT_EQ(to_string(hub->check_access("parts/1", "").error().code), code) << status;
    answer_always(kList, {.status = status});
    EXPECT_EQ(get_outcome(*hub), code) << status;
  }
  answer_always(kStat, {.status = 500});
  EXPECT_EQ(get_outcome(*hub), "upstream_failed");
  answer_always(kList, {.status = 500});
  EXPECT_EQ(get_outcome(*hub), "internal");
  EXPECT_TRUE(registry.file_hits().empty());
}

TEST_F(HubRegistry, TellsAnUnknownModelOnlyWhenBothProtocolsDo) {
  const auto hub = make_hub(options());
  EXPECT_EQ(get_outcome(*hub, "parts/2"), "not_found");
  EXPECT_NE(message_of(*hub, "parts/2").find("Requested Roboflow resource not found"), std::string::npos);
  EXPECT_EQ(registry.hits("/ort/parts/2"), 2);
  EXPECT_EQ(get_outcome(*hub, "parts"), "not_found");
  EXPECT_EQ(registry.hits("/getWeights"), 1);
}

TEST_F(HubRegistry, LeavesNothingOnTheDiskOfModelsThatAreNotThere) {
  const auto hub = make_hub(options());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(get_outcome(*hub, "made-up/" + std::to_string(i)), "not_found");
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options().cache))
    files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 0U);
}

TEST_F(HubRegistry, RefusesAnIdThatIsNone) {
  const auto hub = make_hub(options());
  for (const char* id : {"", "a/b/c", "../x", "a/.."}) {
    EXPECT_EQ(get_outcome(*hub, id), "invalid_argument") << id;
    EXPECT_EQ(hub->check_access(id, "").error().code, Code::invalid_argument);
    EXPECT_FALSE(hub->is_cached(id));
    EXPECT_FALSE(hub->remove(id));
  }
  EXPECT_TRUE(registry.requests().empty());
}

TEST_F(HubRegistry, TellsWhatIsAwayOrSilentOrTalksNonsense) {
  auto away = options();
  away.lookup_url = "http://127.0.0.1:1";
  EXPECT_EQ(get_outcome(*make_hub(away)), "unavailable");
  {
    auto impatient = options();
    impatient.lookup_time = milliseconds(300);
    const auto hub = make_hub(impatient);
    answer_always(kStat, {.silent = true});
    EXPECT_EQ(get_outcome(*hub), "upstream_timeout");
    EXPECT_EQ(registry.hits(kStat), 1);
  }
  {
    auto impatient = options();
    impatient.call_time = milliseconds(300);
    const auto hub = make_hub(impatient);
    answer_always(kList, {.silent = true});
    EXPECT_EQ(get_outcome(*hub), "internal");
    EXPECT_EQ(registry.hits(kList), 3);
  }
  const auto hub = make_hub(options());
  answer_always(kStat, {.body = "<html>"});
  EXPECT_EQ(get_outcome(*hub), "upstream_failed");
  answer_always(kList, {.body = R"({"modelMetadata": {"modelPackages": []}})"});
  EXPECT_EQ(get_outcome(*hub), "internal");
  EXPECT_NE(message_of(*hub).find("no packages"), std::string::npos);
  registry.intercept({});
  EXPECT_EQ(get_outcome(*hub), "ok");
}

TEST_F(HubRegistry, AsksAgainAfterStatusesThatPass) {
  auto left = std::make_shared<std::atomic<int>>(2);
  registry.intercept([left](const LoopbackRequest& request) {
    return request.path == kList && (*left)-- > 0 ? std::optional(LoopbackAnswer{.status = 429}) : std::nullopt;
  });
  const auto hub = make_hub(options());
  EXPECT_EQ(get_outcome(*hub), "ok");
  EXPECT_EQ(registry.hits(kList), 3);
  EXPECT_EQ(hub->stats().failed_calls, 2U);
}

TEST_F(HubRegistry, RefusesHostilePackages) {
  registry.edit_weights([](nlohmann::json& metadata, const LoopbackRequest&) {
    metadata["modelPackages"][0]["packageFiles"][0]["fileHandle"] = "../../../evil";
  });
  registry.speak_newer(true);
  auto alone = options();
  answer_always("/ort/parts/1", {.status = 404});
  const auto hub = make_hub(alone);
  const auto refused = hub->get("parts/1", "", {}, {});
  ASSERT_EQ(outcome(refused), "internal");
  EXPECT_TRUE(refused.error().message.starts_with("Could not negotiate model package")) << refused.error().message;
  EXPECT_FALSE(std::filesystem::exists(alone.cache.parent_path() / "evil"));
  EXPECT_TRUE(registry.file_hits().empty());
}

TEST_F(HubRegistry, IsNeverAskedOffline) {
  ASSERT_EQ(get_outcome(*make_hub(options())), "ok");
  const auto requests = registry.requests().size();
  auto offline = options();
  offline.offline = true;
  const auto hub = make_hub(offline);
  EXPECT_EQ(get_outcome(*hub), "ok");
  EXPECT_EQ(get_outcome(*hub, "parts/2"), "unavailable");
  EXPECT_NE(message_of(*hub, "parts/2").find("OFFLINE_MODE"), std::string::npos);
  EXPECT_EQ(hub->check_access("parts/1", "k").error().code, Code::unavailable);
  EXPECT_EQ(registry.requests().size(), requests);
}

TEST_F(HubRegistry, MayBeMissing) {
  auto none = options();
  none.lookup_url.clear();
  const auto hub = make_hub(none);
  EXPECT_EQ(get_outcome(*hub), "not_found");
  auto wrong = options();
  wrong.weights_url = "file:///etc?api_key=hidden";
  const auto refused = Hub::create(wrong, std::make_shared<SteadyClock>(), make_null_log());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_argument);
  EXPECT_EQ(refused.error().message.find("hidden"), std::string::npos);
}

TEST_F(HubRegistry, GetsTheRequestsKeyOrTheServers) {
  registry.accept_only({"mine", "server's"});
  auto with_key = options();
  with_key.api_key = "server's";
  with_key.extra_headers = {{"X-Extra", "1"}};
  const auto hub = make_hub(with_key);
  for (const auto& [given, sent] :
       {std::pair("mine", "Bearer mine"), {"", "Bearer server's"}, {"local", "Bearer server's"}}) {
    ASSERT_EQ(get_outcome(*hub, "parts/1", given), "ok");
    ASSERT_TRUE(hub->remove("parts/1"));
    const auto requests = registry.requests();
    for (auto at = requests.rbegin(); at != requests.rend(); ++at) {
      if (at->path != kList) continue;
      EXPECT_EQ(at->headers.at("authorization"), sent);
      EXPECT_EQ(at->headers.at("x-extra"), "1");
      break;
    }
  }
  EXPECT_EQ(get_outcome(*hub, "parts/1", "stranger"), "unauthenticated");
  EXPECT_EQ(get_outcome(*hub, "parts/1", "k\r\nX-Evil: 1"), "unauthenticated");
  EXPECT_EQ(hub->check_access("parts/1", "k\n").error().code, Code::unauthenticated);
}

TEST_F(HubRegistry, NeverTellsAKey) {
  KeptLog kept;
  auto with_key = options();
  with_key.api_key = "serverkey";
  {
    const auto hub = make_hub(with_key, kept.log);
    registry.speak_newer(false);  // whose keys are in the URL
    std::string told;
    registry.intercept([](const LoopbackRequest&) { return std::optional(LoopbackAnswer{.status = 503}); });
    told += hub->get("parts/1", "requestkey", {}, {}).error().message;
    registry.intercept([](const LoopbackRequest& request) {
      return request.path.starts_with("/ort") ? std::optional(LoopbackAnswer{.status = 500}) : std::nullopt;
    });
    told += hub->get("parts/1", "requestkey", {}, {}).error().message;
    told += hub->get("parts/1", "", {}, {}).error().message;
    told += hub->check_access("parts/1", "requestkey").error().message;
    registry.accept_only({"other"});
    registry.intercept({});
    told += hub->get("parts/1", "requestkey", {}, {}).error().message;
    told += hub->get("parts/1", "", {}, {}).error().message;
    registry.accept_only({});
    registry.intercept([this](const LoopbackRequest& request) {
      return request.path.ends_with("weights.onnx") ? std::optional(LoopbackAnswer{.status = 500}) : std::nullopt;
    });
    told += hub->get("parts/1", "requestkey", {}, {}).error().message;
    for (const char* key : {"requestkey", "serverkey"}) EXPECT_EQ(told.find(key), std::string::npos) << told;
    EXPECT_EQ(told.find("127.0.0.1"), std::string::npos) << told;
  }
  const std::string text = kept.text.str();
  EXPECT_NE(text.find("/ort/parts/1"), std::string::npos) << text;
  for (const char* key : {"requestkey", "serverkey", "api_key="}) EXPECT_EQ(text.find(key), std::string::npos) << text;
}

TEST_F(HubRegistry, IsReachedThroughTheGateway) {
  registry.speak_newer(false);
  LoopbackServer gateway([this](const LoopbackRequest& request) -> LoopbackAnswer {
    if (request.path != "/proxy") return {.status = 400};
    const std::string target = request.query.at("url");
    if (target.find("/ort/parts/1") != std::string::npos) {
      return {.body = R"({"ort": {"type": "object-detection", "modelType": "yolov8n",
        "model": "http://registry.invalid/files/parts/1/weights.onnx?sig=a%2Fb&x=1",
        "environment": "http://registry.invalid/files/parts/1/environment.json"}})"};
    }
    const auto files = target.find("/files/");
    if (files == std::string::npos) return {.status = 404};
    return registry.file(target.substr(files, target.find('?') - files));
  });
  auto through = options();
  through.lookup_url = "https://registry.invalid/";
  through.gateway = gateway.url().substr(std::string("http://").size()) + "/";  // as the reference takes it
  KeptLog kept;
  EXPECT_EQ(get_outcome(*make_hub(through, kept.log), "parts/1", "hidden"), "ok") << kept.text.str();
  bool asked = false;
  for (const auto& request : gateway.requests()) {
    asked = asked || request.query.at("url") == "http://registry.invalid/files/parts/1/weights.onnx?sig=a%2Fb&x=1";
  }
  EXPECT_TRUE(asked);
  EXPECT_EQ(kept.text.str().find("hidden"), std::string::npos);
}

TEST_F(HubRegistry, IsAskedForAccessOncePerKeyUntilItIsTooLongAgo) {
  registry.accept_only({"a", "b"});
  const auto clock = std::make_shared<FakeClock>();
  auto hub = Hub::create(options(), clock, make_null_log());
  ASSERT_TRUE(hub);
  const auto asked = [&] { return registry.hits(kStat); };
  EXPECT_TRUE((*hub)->check_access("parts/1", "a"));
  EXPECT_TRUE((*hub)->check_access("parts/1", "a"));
  EXPECT_EQ(asked(), 1);
  EXPECT_TRUE((*hub)->check_access("parts/1", "b"));
  EXPECT_EQ(asked(), 2);
  EXPECT_EQ((*hub)->check_access("parts/1", "stranger").error().code, Code::unauthenticated);
  EXPECT_EQ((*hub)->check_access("parts/1", "stranger").error().code, Code::unauthenticated);
  EXPECT_EQ(asked(), 4);  // a no is asked again
  clock->advance(std::chrono::seconds(899));
  EXPECT_TRUE((*hub)->check_access("parts/1", "a"));
  EXPECT_EQ(asked(), 4);
  clock->advance(std::chrono::seconds(2));
  EXPECT_TRUE((*hub)->check_access("parts/1", "a"));
  EXPECT_EQ(asked(), 5);
}

TEST_F(HubRegistry, GivesAccessByADownloadWithThatKey) {
  const auto hub = make_hub(options());
  ASSERT_EQ(get_outcome(*hub, "parts/1", "a"), "ok");
  const int asked = registry.hits(kStat);
  EXPECT_TRUE(hub->check_access("parts/1", "a"));
  EXPECT_EQ(registry.hits(kStat), asked);
  EXPECT_TRUE(hub->check_access("parts/1", "b"));
  EXPECT_EQ(registry.hits(kStat), asked + 1);
}

TEST_F(HubRegistry, IsAskedForAccessByTheOlderProtocol) {
  registry.speak_newer(false);
  registry.accept_only({"a"});
  const auto hub = make_hub(options());
  EXPECT_TRUE(hub->check_access("parts/1", "a"));
  EXPECT_EQ(hub->check_access("parts/2", "a").error().code, Code::not_found);
  EXPECT_EQ(hub->check_access("parts/1", "b").error().code, Code::unauthenticated);
}

TEST_F(HubRegistry, IsNeededForNoModelOfTheCache) {
  ASSERT_EQ(get_outcome(*make_hub(options())), "ok");
  auto away = options();
  away.lookup_url = "http://127.0.0.1:1";
  EXPECT_EQ(get_outcome(*make_hub(away)), "ok");
}

}  // namespace
}  // namespace osprey::hub
