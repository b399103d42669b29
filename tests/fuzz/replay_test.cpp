// Runs each fuzz target over its kept inputs and over the files that seed it.
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz_target.hpp"

FUZZ_TARGET(base64)(std::span<const std::byte> bytes);
FUZZ_TARGET(exif)(std::span<const std::byte> bytes);
FUZZ_TARGET(http_request)(std::span<const std::byte> bytes);
FUZZ_TARGET(http_target)(std::span<const std::byte> bytes);
FUZZ_TARGET(image)(std::span<const std::byte> bytes);
FUZZ_TARGET(image_url)(std::span<const std::byte> bytes);
FUZZ_TARGET(inference_body)(std::span<const std::byte> bytes);
FUZZ_TARGET(legacy_request)(std::span<const std::byte> bytes);
FUZZ_TARGET(multipart)(std::span<const std::byte> bytes);
FUZZ_TARGET(oip_infer)(std::span<const std::byte> bytes);
FUZZ_TARGET(onnx_metadata)(std::span<const std::byte> bytes);
FUZZ_TARGET(package_files)(std::span<const std::byte> bytes);
FUZZ_TARGET(pickle)(std::span<const std::byte> bytes);
FUZZ_TARGET(registry_answers)(std::span<const std::byte> bytes);

namespace osprey {
namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;
  void (*run)(std::span<const std::byte>);
};

const Target kTargets[] = {
    {"base64", fuzz_base64},
    {"exif", fuzz_exif},
    {"http_request", fuzz_http_request},
    {"http_target", fuzz_http_target},
    {"image", fuzz_image},
    {"image_url", fuzz_image_url},
    {"inference_body", fuzz_inference_body},
    {"legacy_request", fuzz_legacy_request},
    {"multipart", fuzz_multipart},
    {"oip_infer", fuzz_oip_infer},
    {"onnx_metadata", fuzz_onnx_metadata},
    {"package_files", fuzz_package_files},
    {"pickle", fuzz_pickle},
    {"registry_answers", fuzz_registry_answers},
};

/// The corpus of a target, and the folders that tests/fuzz/seeds.txt adds to it ("target folder" a line).
std::vector<fs::path> folders_of(const std::string& target) {
  const fs::path root = OSPREY_ROOT;
  std::vector<fs::path> folders{root / "tests/fuzz/corpus" / target};
  std::ifstream seeds(root / "tests/fuzz/seeds.txt");
  for (std::string name, folder; seeds >> name >> folder;) {
    if (name == target) folders.push_back(root / folder);
  }
  return folders;
}

class FuzzReplay : public testing::TestWithParam<Target> {};

TEST_P(FuzzReplay, SurvivesItsCorpusWholeAndCut) {
  std::size_t inputs = 0;
  for (const auto& folder : folders_of(GetParam().name)) {
    if (!fs::exists(folder)) continue;
    for (const auto& file : fs::directory_iterator(folder)) {
      std::ifstream stream(file.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      const std::span bytes(reinterpret_cast<const std::byte*>(text.data()), text.size());
      for (const std::size_t size : {bytes.size(), bytes.size() / 2, bytes.size() - bytes.size() / 8}) {
        // A copy of just that size, so that a sanitizer sees a read past its end.
        const std::vector<std::byte> input(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        GetParam().run(input);
      }
      ++inputs;
    }
  }
  EXPECT_GE(inputs, 3U) << "no corpus: tests/fuzz/corpus/" << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzReplay, testing::ValuesIn(kTargets),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace osprey
