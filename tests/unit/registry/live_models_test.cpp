#include "registry/live_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osprey::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SharedModel model(const std::string& id, const std::string& resolved_id = {}) {
  auto made = std::make_shared<LiveModel>();
  made->id = id;
  made->resolved_id = resolved_id.empty() ? id : resolved_id;
  return made;
}

std::vector<std::string> ids(const std::vector<SharedModel>& models) {
  std::vector<std::string> result;
  for (const auto& one : models) result.push_back(one->id);
  return result;
}

TEST(LiveModels, TheLeastRecentlyUsedGoes) {
  LiveModels live(2, {});
  EXPECT_THAT(*live.insert(model("a")), ElementsAre());
  EXPECT_THAT(*live.insert(model("b")), ElementsAre());
  EXPECT_TRUE(live.use("a", ""));
  (void)live.find("b");  // no use
  EXPECT_THAT(ids(*live.insert(model("c"))), ElementsAre("b"));
  EXPECT_THAT(ids(live.models()), ElementsAre("a", "c"));
}

TEST(LiveModels, PinnedOnesStay) {
  LiveModels live(2, {"p"});
  (void)live.insert(model("p"));
  (void)live.insert(model("a"));
  (void)live.use("a", "");
  EXPECT_THAT(ids(*live.insert(model("b"))), ElementsAre("a"));
  EXPECT_THAT(ids(live.models()), ElementsAre("p", "b"));
}

TEST(LiveModels, ThoseThatWereNotUsedForLongGoUnlessTheyArePinned) {
  using std::chrono::seconds;
  constexpr seconds kIdle{60};
  LiveModels live(9, {"p"});
  for (const char* id : {"p", "a", "b"}) (void)live.insert(model(id));
  const TimePoint begin{seconds(1000)};
  EXPECT_THAT(live.remove_idle(kIdle, begin), ElementsAre()) << "they have just come";
  (void)live.use("b", "");
  EXPECT_THAT(live.remove_idle(kIdle, begin + seconds(59)), ElementsAre());
  EXPECT_THAT(ids(live.remove_idle(kIdle, begin + seconds(60))), ElementsAre("a"));
  EXPECT_THAT(live.remove_idle(kIdle, begin + seconds(118)), ElementsAre());
  EXPECT_THAT(ids(live.remove_idle(kIdle, begin + seconds(119))), ElementsAre("b"));
  EXPECT_THAT(ids(live.models()), ElementsAre("p"));
}

TEST(LiveModels, WithPinnedOnesOnlyThereIsNoRoom) {
  LiveModels live(2, {"p", "q", "r"});
  (void)live.insert(model("p"));
  EXPECT_TRUE(live.check_room("x"));
  (void)live.insert(model("q"));
  EXPECT_TRUE(live.check_room("p")) << "it is in";
  for (const char* id : {"x", "r"}) {
    EXPECT_FALSE(live.check_room(id));
    const auto refused = live.insert(model(id));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::internal);
    EXPECT_THAT(refused.error().message,
                testing::AllOf(HasSubstr("all 2 places"), HasSubstr("MAX_ACTIVE_MODELS"), HasSubstr("(p, q)")));
  }
  EXPECT_TRUE(live.remove("p")) << "an operator may";
  EXPECT_TRUE(live.insert(model("x")));
}

TEST(LiveModels, AnAliasTellsWhatItStandsFor) {
  LiveModels live(8, {});
  (void)live.insert(model("alias", "coco/3"));
  (void)live.insert(model("coco/3"));
  EXPECT_EQ(live.use("alias", "/b")->id, "alias");
  (void)live.use("alias", "/a");
  (void)live.use("alias", "");
  const auto told = live.describe();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].model_id, "alias");
  EXPECT_THAT(told[0].request_aliases, ElementsAre("coco/3"));
  EXPECT_THAT(told[0].request_paths, ElementsAre("/a", "/b"));
  EXPECT_THAT(told[1].request_aliases, ElementsAre());
  EXPECT_EQ(live.find_resolved("coco/3")->resolved_id, "coco/3");
  EXPECT_EQ(live.find_resolved("alias"), nullptr);
}

TEST(LiveModels, ANewModelTakesThePlaceOfAllThatStandForTheSame) {
  LiveModels live(8, {});
  (void)live.insert(model("alias", "coco/3"));
  (void)live.insert(model("x/1"));
  (void)live.insert(model("coco/3"));
  (void)live.use("alias", "/p");
  const auto fresh = model("coco/3");
  EXPECT_EQ(live.replace(*fresh).size(), 2U);
  EXPECT_THAT(ids(live.models()), ElementsAre("alias", "x/1", "coco/3"));
  EXPECT_THAT(live.describe()[0].request_paths, ElementsAre("/p"));
  EXPECT_TRUE(live.replace(*model("y/1")).empty());
}

TEST(LiveModels, HaveRoomForOneAtLeast) {
  LiveModels live(0, {});
  EXPECT_TRUE(live.insert(model("a")));
  EXPECT_EQ(live.size(), 1U);
}

}  // namespace
}  // namespace osprey::registry
