// Package folders for tests, with networks that are functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/fake/fake_engine.hpp"

namespace osprey {

/// A folder under the system's temporary one, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& file, const std::string& text);

/// Side of the fake detector's square input, pixels.
inline constexpr int kFakeInput = 32;

/// Writes a YOLOv8 detection package (classes "dark", "bright"; input 32 x 32, stretched) to root/id.
void write_fake_detector(const std::filesystem::path& root, const std::string& id);

/// Inputs and outputs of the fake detector: [?,3,32,32] to [?,6,1].
[[nodiscard]] GraphInfo fake_detector_graph();

/// Finds one box per image, at the centre, half the image wide and high: "bright" when the image's mean is over 0.5,
/// with the mean as its confidence, else "dark", with one minus the mean.
[[nodiscard]] Result<std::vector<engine::FakeOutput>> fake_detector(std::span<const TensorView> inputs);

}  // namespace osprey
