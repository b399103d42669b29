#include "fake_models.hpp"

#include <fstream>
#include <numeric>

#include <unistd.h>

namespace osprey {

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "osprey-test-XXXXXX").string();
  if (mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

void write_fake_detector(const std::filesystem::path& root, const std::string& id) {
  const auto folder = root / id;
  write_file(folder / "weights.onnx", "a function stands for it");
  write_file(folder / "class_names.txt", "dark\nbright\n");
  write_file(folder / "model_config.json",
             R"({"model_architecture":"yolov8","task_type":"object-detection","backend_type":"onnx"})");
  write_file(folder / "inference_config.json", R"({
    "image_pre_processing": {},
    "network_input": {"training_input_size": {"height": 32, "width": 32}, "dynamic_spatial_size_supported": false,
      "color_mode": "rgb", "resize_mode": "stretch", "input_channels": 3, "scaling_factor": 255},
    "forward_pass": {"max_dynamic_batch_size": 8},
    "post_processing": {"type": "nms", "fused": false}})");
}

GraphInfo fake_detector_graph() {
  GraphInfo graph;
  graph.inputs = {{"images", {-1, 3, kFakeInput, kFakeInput}}};
  graph.outputs = {{"output0", {-1, 6, 1}}};
  return graph;
}

Result<std::vector<engine::FakeOutput>> fake_detector(std::span<const TensorView> inputs) {
  const auto batch = inputs[0].dim(0);
  const auto size = inputs[0].data.size() / static_cast<std::size_t>(batch);
  engine::FakeOutput output{{batch, 6, 1}, {}};
  for (std::int64_t i = 0; i < batch; ++i) {
    const auto image = inputs[0].data.subspan(static_cast<std::size_t>(i) * size, size);
    const float mean = std::accumulate(image.begin(), image.end(), 0.0F) / static_cast<float>(size);
    constexpr float kCentre = kFakeInput / 2.0F;
    output.data.insert(output.data.end(), {kCentre, kCentre, kCentre, kCentre, 1 - mean, mean});
  }
  return std::vector{output};
}

}  // namespace osprey
