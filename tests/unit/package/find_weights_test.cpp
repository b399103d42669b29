#include "package_folder.hpp"

namespace osprey::package {
namespace {

using ::testing::HasSubstr;

TEST(FindWeights, PrefersWeightsThenBestThenTheOnlyNetwork) {
  const PackageFolder folder;
  folder.write("best.onnx", "b");
  folder.write("other.onnx", "o");
  EXPECT_EQ(find_weights(folder.path()).value().filename(), "weights.onnx");
  folder.remove("weights.onnx");
  EXPECT_EQ(find_weights(folder.path()).value().filename(), "best.onnx");
  folder.remove("best.onnx");
  EXPECT_EQ(find_weights(folder.path()).value().filename(), "other.onnx");
}

TEST(FindWeights, RefusesToChooseAmongSeveral) {
  const PackageFolder folder;
  folder.remove("weights.onnx");
  folder.write("a.onnx", "a");
  folder.write("b.onnx", "b");
  const auto result = find_weights(folder.path());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::invalid_argument);
  EXPECT_THAT(result.error().message, ::testing::AllOf(HasSubstr("a.onnx"), HasSubstr("b.onnx")));
}

TEST(FindWeights, TellsWhatItLookedForWhenThereIsNone) {
  const PackageFolder folder;
  folder.remove("weights.onnx");
  std::filesystem::create_directory(folder.path() / "weights.onnx");  // a folder is no network
  for (const auto& path : {folder.path(), folder.path() / "absent"}) {
    const auto result = find_weights(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Code::not_found);
    EXPECT_THAT(result.error().message, ::testing::AllOf(HasSubstr(path.filename().string()), HasSubstr("best.onnx")));
  }
}

}  // namespace
}  // namespace osprey::package
