// Live models that fail: refused with their reason, told in the list, tried again, loaded anew after a run that hangs.
#include <gmock/gmock.h>

#include "registry_fixture.hpp"

namespace osprey::registry {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class RegistryRepairTest : public RegistryFixture {
 protected:
  RegistryRepairTest() {
    write("a/1");
    write("b/1");
    registry = make();
    lease = acquire(*registry, "a/1").get();
  }
  ModelHealth& health() { return *(*lease)->health; }
  std::string refusal(std::string_view id) {
    auto got = acquire(*registry, id).get();
    return got ? "" : got.error().message;
  }

  std::unique_ptr<ModelRegistry> registry;
  Result<ModelLease> lease = Error{};
};

TEST_F(RegistryRepairTest, AModelThatIsOutIsRefusedAtOnceAndTheOthersAreNot) {
  ASSERT_TRUE(lease);
  for (int i = 0; i < 3; ++i) health().failed("it is broken");
  auto refused = acquire(*registry, "a/1");
  ASSERT_TRUE(is_ready(refused));
  EXPECT_EQ(refused.get().error().code, Code::unavailable);
  EXPECT_THAT(refusal("a/1"), HasSubstr("it is broken"));
  EXPECT_EQ(refusal("b/1"), "");

  const auto models = registry->list();
  EXPECT_EQ(models.at(0).out->reason, "it is broken");
  EXPECT_FALSE(models.at(1).out);
  const auto stats = registry->stats();
  EXPECT_EQ(stats.models.at(0).failures, 3U);
  EXPECT_TRUE(stats.models.at(0).out);
  EXPECT_EQ(stats.models.at(1).failures, 0U);
}

TEST_F(RegistryRepairTest, AnAliasOfAModelThatIsOutIsRefusedToo) {
  write("coco/36");
  auto real = acquire(*registry, "coco/36").get();
  ASSERT_TRUE(real);
  for (int i = 0; i < 3; ++i) (*real)->health->failed("it is broken");
  EXPECT_THAT(refusal("rfdetr-base"), HasSubstr("it is broken"));
}

TEST_F(RegistryRepairTest, OneIsLetThroughLaterAndItsSuccessTakesTheModelIn) {
  for (int i = 0; i < 3; ++i) health().failed("it is broken");
  clock->advance(seconds(1));
  EXPECT_EQ(refusal("a/1"), "");
  EXPECT_NE(refusal("a/1"), "") << "one";
  health().succeeded();
  EXPECT_EQ(refusal("a/1"), "");
}

TEST_F(RegistryRepairTest, AfterARunThatHangsTheNetworkIsLoadedAnew) {
  health().hung(seconds(30));
  clock->advance(seconds(1));
  EXPECT_THAT(refusal("a/1"), HasSubstr("has not ended after 30 s"));
  EXPECT_TRUE(soon([&] { return refusal("a/1").empty(); }));
  const auto fresh = acquire(*registry, "a/1").get();
  EXPECT_NE((*fresh)->session, (*lease)->session);
  EXPECT_TRUE((*lease)->health->out()) << "the old one stays out for who holds it";
  EXPECT_EQ(registry->stats().models.at(0).failures, 1U);
}

TEST_F(RegistryRepairTest, ANetworkThatCannotBeLoadedAnewStaysOutWithThatReason) {
  health().hung(seconds(30));
  set_broken("no such operator");
  clock->advance(seconds(1));
  EXPECT_NE(refusal("a/1"), "");
  EXPECT_TRUE(soon([&] { return registry->list().at(0).out->reason.find("no such operator") != std::string::npos; }));
  set_broken("");
  clock->advance(seconds(2));
  EXPECT_TRUE(soon([&] { return refusal("a/1").empty(); }));
}

TEST_F(RegistryRepairTest, ALoadThatThrowsFailsAndTheNextGoesOn) {
  set_throwing(true);
  const auto failed = acquire(*registry, "b/1").get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::internal);
  set_throwing(false);
  clock->advance(seconds(1));
  EXPECT_EQ(refusal("b/1"), "");
}

}  // namespace
}  // namespace osprey::registry
