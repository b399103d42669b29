#include "hub/package_choice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace osprey::hub {
namespace {

RemotePackage package(const std::string& id) {
  RemotePackage made;
  made.id = id;
  made.trusted = true;
  made.quantization = "fp32";
  made.dynamic_batch = true;
  made.opset = 17;
  made.files = {{"weights.onnx", "https://files.example/w", "d41d8cd98f00b204e9800998ecf8427e"}};
  return made;
}

template <typename Change>
RemotePackage package(const std::string& id, Change change) {
  RemotePackage made = package(id);
  change(made);
  return made;
}

std::string ids(std::vector<RemotePackage> packages, const ChoiceRules& rules = {}) {
  auto chosen = choose_packages(std::move(packages), rules);
  if (!chosen) return chosen.error().message;
  std::string text;
  for (const auto& one : *chosen) text += one.id;
  return text;
}

TEST(PackageChoice, PrefersAnOpenBatchThenASmallOneThenTheOpsetThenTheId) {
  const auto fixed = [](int batch) {
    return [batch](RemotePackage& p) {
      p.dynamic_batch = false;
      p.static_batch = batch;
    };
  };
  EXPECT_EQ(ids({package("e", fixed(8)), package("d", fixed(1)), package("c"), package("b"),
                 package("a", [](RemotePackage& p) { p.opset = 12; })}),
            "bcade");
}

TEST(PackageChoice, TakesReducedPrecisionAndFusedSuppressionOnlyWhenThereIsNothingElse) {
  const auto quantized = [](const char* name) { return [name](RemotePackage& p) { p.quantization = name; }; };
  EXPECT_EQ(
      ids({package("a", quantized("int8")), package("b", quantized("fp16")), package("c", quantized("unknown")),
           package("d", quantized("bf16")), package("e"), package("f", [](RemotePackage& p) { p.fused_nms = true; })}),
      "edcfba");
}

TEST(PackageChoice, RefusesWhatMustNotRun) {
  const auto untrusted = package("a", [](RemotePackage& p) { p.trusted = false; });
  EXPECT_NE(ids({untrusted}).find("not trusted"), std::string::npos);
  EXPECT_EQ(ids({untrusted, package("b")}, {.allow_untrusted = true, .refused_ids = {}}), "ba");
  EXPECT_NE(ids({package("a", [](RemotePackage& p) { p.files[0].md5.clear(); })}).find("no hash"), std::string::npos);
  EXPECT_NE(ids({package("a", [](RemotePackage& p) { p.quantization = "q\n4"; })}).find("'q?4'"), std::string::npos);
  EXPECT_NE(ids({package("a", [](RemotePackage& p) { p.incompatible_providers = {"CPUExecutionProvider"}; })})
                .find("does not run on a CPU"),
            std::string::npos);
  EXPECT_TRUE(ids({}).starts_with("Could not negotiate model package"));
}

TEST(PackageChoice, ComesBackToARefusedOneLast) {
  EXPECT_EQ(ids({package("a"), package("b")}, {.allow_untrusted = false, .refused_ids = {"a"}}), "ba");
}

}  // namespace
}  // namespace osprey::hub
