#include "package/package_id.hpp"

#include <set>

#include "package_folder.hpp"

namespace osprey::package {
namespace {

TEST(PackageId, IsTheSameForTheSameFilesInAnotherFolder) {
  const PackageFolder a;
  const PackageFolder b;
  a.write("class_names.txt", "cat\n");
  b.write("class_names.txt", "cat\n");
  b.write(".lock", "of someone else");
  const std::string id = make_package_id(a.path()).value();
  EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(id, make_package_id(b.path()).value());
}

TEST(PackageId, ChangesWithNamesAndBytes) {
  const PackageFolder folder;
  std::set<std::string> ids;
  const auto take = [&] { return ids.insert(make_package_id(folder.path()).value()).second; };
  EXPECT_TRUE(take());
  folder.write("weights.onnx", "networK");
  EXPECT_TRUE(take());
  folder.write("a.txt", "");
  EXPECT_TRUE(take());
  folder.remove("a.txt");
  folder.write("b.txt", "");
  EXPECT_TRUE(take());
  folder.write("weights.onnx", std::string(3'000'000, 'x'));
  EXPECT_TRUE(take());
  std::string changed(3'000'000, 'x');
  changed[2'999'999] = 'y';
  folder.write("weights.onnx", changed);
  EXPECT_TRUE(take());
}

TEST(PackageId, SeesTheEndsOfAFileTooLargeToReadWhole) {
  const PackageFolder folder;
  const auto path = folder.path() / "weights.onnx";
  constexpr std::uintmax_t kBytes = 12'000'001;
  std::filesystem::resize_file(path, kBytes);  // sparse: takes no space
  const auto take = [&] { return make_package_id(folder.path(), std::uintmax_t{4} << 20U).value(); };
  std::set<std::string> ids{take()};
  for (const std::uintmax_t at : {std::uintmax_t{0}, kBytes - 1}) {
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(at)).put('z');
    EXPECT_TRUE(ids.insert(take()).second) << at;
  }
}

TEST(PackageId, NeedsReadableFiles) {
  EXPECT_EQ(make_package_id(PackageFolder().path() / "absent").error().code, Code::unavailable);
  const PackageFolder folder;
  for (int i = 0; i < 1000; ++i) folder.write(std::to_string(i), "");
  EXPECT_EQ(make_package_id(folder.path()).error().code, Code::data_corrupted);
}

TEST(PackageId, IsPutIntoThePackage) {
  const PackageFolder folder;
  folder.write("model.json", R"({"task": "object-detection", "architecture": "yolov8", "classes": ["a"]})");
  ASSERT_READ(package, read_package(folder.path(), graph_of({1, 3, 64, 64})));
  EXPECT_EQ(package.package_id, make_package_id(folder.path()).value());
}

}  // namespace
}  // namespace osprey::package
