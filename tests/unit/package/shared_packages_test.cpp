// The packages that lie beside the project, when they do: all are read as they are.
#include <set>

#include "package_folder.hpp"

namespace osprey::package {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = OSPREY_SHARED_MODELS;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SharedPackages, AreReadWithoutError) {
  if (!fs::exists(kModels / "packages")) GTEST_SKIP() << "there is no " << kModels / "packages";
  std::set<std::string> ids;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kModels / "packages")) {
    const fs::path folder = entry.path() / "1";
    if (!fs::exists(folder / "package.json")) continue;
    const auto config = nlohmann::json::parse(text_of(folder / "inference_config.json"));
    const auto names = nlohmann::json::parse(text_of(folder / "package.json"));
    const int side = config["network_input"]["training_input_size"]["width"];
    const bool fixed_batch = config["forward_pass"].contains("static_batch_size");

    ASSERT_READ(package, read_package(folder, graph_of({fixed_batch ? 1 : -1, 3, side, side})));
    const std::string name = entry.path().filename().string();
    EXPECT_EQ(package.family.architecture, names["modelArchitecture"]) << name;
    EXPECT_EQ(vision::to_string(package.family.task), names["taskType"].get<std::string>()) << name;
    EXPECT_EQ(package.max_batch_size, fixed_batch ? 1 : 8) << name;
    EXPECT_EQ(package.family.class_names.size(), name == "fam-deeplab" ? 4U : 16U) << name;
    EXPECT_FALSE(package.colors.empty()) << name;
    EXPECT_EQ(package.family.skeletons.empty(), !name.ends_with("-pose")) << name;
    const auto style = names["modelArchitecture"] == "rfdetr" ? vision::Resampling::pillow_bilinear
                                                              : vision::Resampling::opencv_bilinear;
    EXPECT_EQ(package.preprocess.resampling, style) << name;
    ids.insert(package.package_id);
    ++count;
  }
  EXPECT_GT(count, 0U);
  // pre-letterbox-grey is a copy of emoji-detection, pre-seg-letterbox of emoji-segmentation.
  EXPECT_GE(ids.size() + 4, count);
}

TEST(SharedPackages, ANetworkWithoutMetadataIsServedWithAModelJson) {
  if (!fs::exists(kModels / "byo")) GTEST_SKIP() << "there is no " << kModels / "byo";
  const PackageFolder folder;
  folder.remove("weights.onnx");
  fs::copy(kModels / "byo" / "yolox_nano.onnx", folder.path() / "yolox_nano.onnx");
  fs::copy(kModels / "byo" / "coco_classes.txt", folder.path() / "coco_classes.txt");
  const GraphInfo graph = graph_of({1, 3, 416, 416});
  EXPECT_THAT(message_of(read_package(folder.path(), graph)), ::testing::HasSubstr("model.json"));
  folder.write("model.json", R"({"task": "object-detection", "architecture": "yolox", "classes": "coco_classes.txt"})");
  ASSERT_READ(package, read_package(folder.path(), graph));
  EXPECT_EQ(package.weights.filename(), "yolox_nano.onnx");
  EXPECT_EQ(package.family.class_names.size(), 80U);
  EXPECT_EQ(package.family.class_names[79], "toothbrush");
  EXPECT_EQ(package.preprocess.color_mode, vision::ColorMode::bgr);
  EXPECT_FALSE(package.preprocess.scaling_factor);
  EXPECT_EQ(package.max_batch_size, 1);
}

}  // namespace
}  // namespace osprey::package
