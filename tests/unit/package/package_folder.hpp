// A package folder that lives as long as the test, and networks to go with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/uuid.hpp"
#include "package/package.hpp"

namespace osprey::package {

class PackageFolder {
 public:
  PackageFolder() : path_(std::filesystem::temp_directory_path() / ("osprey-package-" + make_uuid_hex())) {
    std::filesystem::create_directories(path_);
    write("weights.onnx", "network");
  }
  ~PackageFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  PackageFolder(const PackageFolder&) = delete;
  PackageFolder& operator=(const PackageFolder&) = delete;

  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  void remove(const std::string& name) const { std::filesystem::remove(path_ / name); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A network with one input of that shape.
inline GraphInfo graph_of(Shape input, std::map<std::string, std::string> metadata = {}) {
  GraphInfo graph;
  graph.inputs.push_back({"images", std::move(input)});
  graph.outputs.push_back({"output0", {-1, 6, 2100}});
  graph.metadata = std::move(metadata);
  return graph;
}

/// inference_config.json of a YOLOv8 detector of 320 x 192 (width x height), changed by an RFC 7386 merge patch.
inline std::string config_text(std::string_view patch = "{}") {
  auto config = nlohmann::json::parse(R"({
    "image_pre_processing": {"auto-orient": {"enabled": true}},
    "network_input": {
      "training_input_size": {"height": 192, "width": 320}, "dynamic_spatial_size_supported": false,
      "color_mode": "rgb", "resize_mode": "letterbox", "padding_value": 127, "input_channels": 3,
      "scaling_factor": 255},
    "forward_pass": {"max_dynamic_batch_size": 4},
    "post_processing": {"type": "nms", "fused": false}})");
  config.merge_patch(nlohmann::json::parse(patch));
  return config.dump();
}

/// A package of the newer layout with two classes.
class NewerLayout : public ::testing::Test {
 protected:
  NewerLayout() {
    folder.write("class_names.txt", "cat\ndog\n");
    name("object-detection", "yolov8");
    configure();
  }
  void name(const std::string& task, const std::string& architecture) const {
    folder.write(
        "model_config.json",
        nlohmann::json{{"task_type", task}, {"model_architecture", architecture}, {"backend_type", "onnx"}}.dump());
  }
  void configure(std::string_view patch = "{}") const { folder.write("inference_config.json", config_text(patch)); }
  [[nodiscard]] Result<Package> read() const { return read_package(folder.path(), graph); }

  PackageFolder folder;
  GraphInfo graph = graph_of({-1, 3, 192, 320});
};

inline std::string message_of(const Result<Package>& result) {
  return result ? "no error" : result.error().message;
}

}  // namespace osprey::package

// The value of a Result, or the test ends with its error.
#define ASSERT_READ(variable, expression)                          \
  auto variable##_result = (expression);                           \
  ASSERT_TRUE(variable##_result) << message_of(variable##_result); \
  const ::osprey::package::Package& variable = *variable##_result
