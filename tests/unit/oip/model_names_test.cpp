#include "oip/model_names.hpp"

#include <gtest/gtest.h>

namespace osprey::oip {
namespace {

TEST(ModelNames, HaveTheirVersionBesideOrBehindASlash) {
  for (const auto& model : {ModelName{"emoji", "2"}, ModelName{"emoji/2"}, ModelName{"emoji/2", "2"}}) {
    const auto parsed = parse_name(model);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->id(parsed->version), "emoji/2");
    EXPECT_EQ(parsed->name(), "emoji");
    EXPECT_FALSE(parsed->tensor_view);
  }
  const auto open = parse_name({"emoji"});
  EXPECT_EQ(open->version, "");
  EXPECT_EQ(open->id("7"), "emoji/7");
  EXPECT_EQ(open->id(""), "emoji");
}

TEST(ModelNames, AskForTheTensorViewByTheirEnd) {
  for (const auto& model : {ModelName{"emoji.raw", "2"}, ModelName{"emoji.raw/2"}}) {
    const auto parsed = parse_name(model);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->tensor_view);
    EXPECT_EQ(parsed->id(parsed->version), "emoji/2");
    EXPECT_EQ(parsed->name(), "emoji.raw");
  }
  EXPECT_FALSE(parse_name({".raw"})->tensor_view) << "a name of nothing else";
}

TEST(ModelNames, AreRefusedWhenEmptyOrOfTwoVersions) {
  for (const auto& model : {ModelName{""}, ModelName{"/1"}, ModelName{"emoji/"}, ModelName{"emoji/1", "2"}}) {
    EXPECT_FALSE(parse_name(model)) << model.name;
  }
}

}  // namespace
}  // namespace osprey::oip
