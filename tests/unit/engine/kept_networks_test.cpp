// Compiled networks kept on disk: the same predictions from them, and from what is left of damaged ones.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "engine/openvino/openvino_engine.hpp"
#include "fake_models.hpp"

namespace osprey::engine {
namespace {

namespace fs = std::filesystem;

class KeptNetworksTest : public testing::Test {
 protected:
  /// The network's first output for a grey image, compiled by an engine of its own as after a start.
  static std::vector<float> run(const fs::path& network, const CompileOptions& options) {
    auto engine = create_openvino_engine({}, make_null_log());
    auto graph = (*engine)->read(network);
    EXPECT_TRUE(graph) << graph.error().message;
    auto session = (*graph)->compile(options);
    EXPECT_TRUE(session) << session.error().message;
    auto execution = (*session)->create_execution();
    const Shape shape{1, 3, 128, 128};
    const std::vector<float> data(element_count(shape), 0.4F);
    const TensorView input{shape, data};
    const auto ran = (*execution)->run(std::span(&input, 1));
    EXPECT_TRUE(ran) << ran.error().message;
    const auto output = (*execution)->outputs()[0].data;
    return {output.begin(), output.end()};
  }
  [[nodiscard]] CompileOptions kept() const {
    CompileOptions options;
    options.cache_folder = folder;
    options.always_keep_blob = true;
    return options;
  }
  std::vector<float> run() { return run(network, kept()); }
  std::vector<fs::path> blobs() {
    std::vector<fs::path> files;
    std::error_code none;
    for (const auto& file : fs::directory_iterator(folder, none)) files.push_back(file.path());
    return files;
  }
  static std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder root;
  fs::path folder = root.path() / "compiled";
  fs::path network = fs::path(OSPREY_MODELS) / "emoji-classification/1/weights.onnx";
};

TEST_F(KeptNetworksTest, GiveTheSamePredictions) {
  const auto fresh = run(network, {});
  EXPECT_EQ(run(), fresh);
  ASSERT_EQ(blobs().size(), 1U);
  const auto written = fs::last_write_time(blobs()[0]);
  const auto bytes = bytes_of(blobs()[0]);
  fs::last_write_time(blobs()[0], written - std::chrono::hours(1));
  EXPECT_EQ(run(), fresh);
  EXPECT_GE(fs::last_write_time(blobs()[0]), written) << "it was used";
  EXPECT_EQ(bytes_of(blobs()[0]), bytes) << "not written anew";
}

TEST_F(KeptNetworksTest, AreMadeAnewWhenDamaged) {
  const auto fresh = run();
  ASSERT_EQ(blobs().size(), 1U);
  const auto blob = blobs()[0];
  const std::string sound = bytes_of(blob);
  // blob_store_test.cpp has every other damage. OpenVINO's own cache takes a flipped bit for a weight.
  std::string flipped = sound;
  flipped[sound.size() / 3] = static_cast<char>(flipped[sound.size() / 3] ^ 0x55);
  const std::vector<std::string> damaged{"", sound.substr(0, sound.size() / 2), flipped};
  for (const auto& bytes : damaged) {
    write_file(blob, bytes);
    EXPECT_EQ(run(), fresh);
    EXPECT_EQ(bytes_of(blob).size(), sound.size()) << "written anew";
  }
}

TEST_F(KeptNetworksTest, AreTakenForTheSameNetworkAndSettingsOnly) {
  (void)run();
  const auto other = root.path() / "other.onnx";
  fs::copy_file(network, other);
  (void)run(other, kept());
  EXPECT_EQ(blobs().size(), 1U) << "the same bytes elsewhere are the same network";

  // One weight of the file is another: the same length, the same names.
  std::string bytes = bytes_of(network);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x01);
  write_file(other, bytes);
  EXPECT_EQ(run(other, kept()), run(other, {}));
  EXPECT_EQ(blobs().size(), 2U);

  CompileOptions options = kept();
  options.batch = 1;
  (void)run(network, options);
  EXPECT_EQ(blobs().size(), 3U);
  options.streams = 2;
  (void)run(network, options);
  EXPECT_EQ(blobs().size(), 4U);
}

TEST_F(KeptNetworksTest, OfAFileThatChangedSinceItWasReadAreNotKept) {
  const auto changing = root.path() / "changing.onnx";
  fs::copy_file(network, changing);
  auto engine = create_openvino_engine({}, make_null_log());
  auto graph = (*engine)->read(changing);
  fs::remove(changing);
  fs::copy_file(fs::path(OSPREY_MODELS) / "emoji-multilabel/1/weights.onnx", changing);
  EXPECT_TRUE((*graph)->compile(kept()));
  EXPECT_TRUE(blobs().empty());
}

TEST_F(KeptNetworksTest, AreNotNeeded) {
  write_file(root.path() / "file", "");
  folder = root.path() / "file/below";
  EXPECT_EQ(run(), run(network, {}));
}

TEST_F(KeptNetworksTest, AreSharedByThoseWhoStartAtOnce) {
  const auto fresh = run(network, {});
  std::vector<std::jthread> starts;
  for (int i = 0; i < 2; ++i) starts.emplace_back([&] { EXPECT_EQ(run(), fresh); });
  starts.clear();
  EXPECT_EQ(blobs().size(), 1U);
  EXPECT_EQ(run(), fresh);
}

}  // namespace
}  // namespace osprey::engine
