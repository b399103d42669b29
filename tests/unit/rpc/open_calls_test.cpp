#include "rpc/grpc/open_calls.hpp"

#include <gtest/gtest.h>

#include "rpc/grpc/byte_budget.hpp"

namespace osprey::rpc {
namespace {

/// Something that stands for a call: only its place in memory counts here.
std::shared_ptr<Call> call(int& place) {
  return {std::shared_ptr<void>(), reinterpret_cast<Call*>(&place)};
}

TEST(OpenCalls, AreLimitedInAllAndByAddress) {
  OpenCalls open(3, 2);
  int places[5] = {};
  EXPECT_TRUE(open.enter(call(places[0]), "a"));
  EXPECT_TRUE(open.enter(call(places[1]), "a"));
  EXPECT_EQ(open.enter(call(places[2]), "a").error().code, Code::overloaded);
  EXPECT_TRUE(open.enter(call(places[2]), "b"));
  EXPECT_EQ(open.enter(call(places[3]), "c").error().code, Code::overloaded);
  open.leave(call(places[0]).get());
  EXPECT_TRUE(open.enter(call(places[3]), "a"));
  EXPECT_EQ(open.count(), 3U);
}

TEST(OpenCalls, AreNoMoreOnceClosed) {
  OpenCalls open(3, 3);
  int place = 0;
  open.close();
  EXPECT_EQ(open.enter(call(place), "a").error().code, Code::unavailable);
  EXPECT_TRUE(open.closed());
}

TEST(OpenCalls, AnAddressIsWhatStandsBeforeThePort) {
  EXPECT_EQ(address_of("ipv4:127.0.0.1:1234"), "ipv4:127.0.0.1");
  EXPECT_EQ(address_of("ipv6:%5B::1%5D:1234"), "ipv6:%5B::1%5D");
  EXPECT_EQ(address_of("unknown"), "unknown");
}

TEST(ByteBudget, GivesBackWhatIsLetGo) {
  ByteBudget budget(100);
  auto first = budget.take(60);
  ASSERT_TRUE(first);
  EXPECT_EQ(budget.take(41).error().code, Code::overloaded);
  EXPECT_TRUE(budget.take(40));  // and let go at once
  ByteBudget::Share share = std::move(first).value();
  EXPECT_EQ(budget.used(), 60U);
  share = {};
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace osprey::rpc
