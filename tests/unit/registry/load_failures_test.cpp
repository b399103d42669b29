#include "registry/load_failures.hpp"

#include <gtest/gtest.h>

#include "registry/known_access.hpp"

namespace osprey::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LoadFailuresTest : public testing::Test {
 protected:
  /// How long a failure at the present time is believed, in whole seconds.
  int believed() {
    failures.remember("a/1", stamp, {Code::unsupported, "no"}, clock.now());
    int count = 0;
    while (failures.recall("a/1", stamp, clock.now())) {
      clock.advance(seconds(1));
      ++count;
    }
    return count;
  }
  FakeClock clock;
  LoadFailures failures;
  PackageStamp stamp{"folder", {{"weights.onnx", 1, 2, 3, 4}}};
};

TEST_F(LoadFailuresTest, AreBelievedForLongerEachTime) {
  EXPECT_FALSE(failures.recall("a/1", stamp, clock.now()));
  EXPECT_EQ(believed(), 1);
  EXPECT_EQ(believed(), 2);
  EXPECT_EQ(believed(), 4);
  EXPECT_EQ(believed(), 8);
  EXPECT_EQ(believed(), 16);
  EXPECT_EQ(believed(), 30);
  EXPECT_EQ(believed(), 30);
  failures.forget("a/1");
  EXPECT_EQ(believed(), 1);
}

TEST_F(LoadFailuresTest, AreToldAsTheyWere) {
  failures.remember("a/1", stamp, {Code::unsupported, "an operator is missing"}, clock.now());
  const auto error = failures.recall("a/1", stamp, clock.now() + milliseconds(999));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::unsupported);
  EXPECT_EQ(error->message, "an operator is missing");
  EXPECT_FALSE(failures.recall("b/1", stamp, clock.now()));
}

TEST_F(LoadFailuresTest, OfOtherFilesSayNothing) {
  EXPECT_EQ(believed(), 1);
  failures.remember("a/1", stamp, {Code::unsupported, "no"}, clock.now());
  stamp.files[0].modified = 5;
  EXPECT_FALSE(failures.recall("a/1", stamp, clock.now()));
  EXPECT_EQ(believed(), 1) << "and begin anew";
}

TEST_F(LoadFailuresTest, AreBounded) {
  for (int i = 0; i < 3000; ++i) {
    failures.remember(std::to_string(i), stamp, {Code::unsupported, "no"}, clock.now());
    clock.advance(milliseconds(1));
  }
  EXPECT_TRUE(failures.recall("2999", stamp, clock.now()));
  EXPECT_FALSE(failures.recall("0", stamp, TimePoint(milliseconds(500))));
}

TEST(KnownAccess, IsBelievedForItsTimePerModelAndKey) {
  FakeClock clock;
  KnownAccess known(seconds(10));
  EXPECT_FALSE(known.allows("a/1", "key", clock.now()));
  known.note("a/1", "key", clock.now());
  EXPECT_TRUE(known.allows("a/1", "key", clock.now()));
  EXPECT_FALSE(known.allows("a/1", "other", clock.now()));
  EXPECT_FALSE(known.allows("b/1", "key", clock.now()));
  EXPECT_TRUE(known.allows("a/1", "key", clock.now() + milliseconds(9999)));
  EXPECT_FALSE(known.allows("a/1", "key", clock.now() + seconds(10)));
}

}  // namespace
}  // namespace osprey::registry
