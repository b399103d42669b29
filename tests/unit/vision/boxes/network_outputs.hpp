// Tensors small enough to read, for the tests of the families.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/tensor.hpp"
#include "vision/families/family.hpp"

namespace osprey::vision {

/// A network's output with its values.
struct Output {
  Shape shape;
  std::vector<float> values;
};

using Rows = std::vector<std::vector<float>>;

inline std::vector<float> flat(const Rows& rows) {
  std::vector<float> values;
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  return values;
}

/// A batch of one, [1, rows, width].
inline Output by_row(const Rows& rows) {
  const auto width = rows.empty() ? 0 : rows[0].size();
  return {{1, static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(width)}, flat(rows)};
}

/// The same values in the YOLOv8 layout, [1, width, rows]: each given row becomes a column.
inline Output by_column(const Rows& rows) {
  const Output straight = by_row(rows);
  Output output{{1, straight.shape[2], straight.shape[1]}, {}};
  for (std::size_t c = 0; c < rows[0].size(); ++c) {
    for (const auto& row : rows) output.values.push_back(row[c]);
  }
  return output;
}

inline std::vector<TensorView> views(const std::vector<Output>& outputs) {
  std::vector<TensorView> result;
  for (const Output& output : outputs) result.push_back({output.shape, output.values});
  return result;
}

inline std::vector<TensorSpec> specs(const std::vector<Shape>& shapes) {
  std::vector<TensorSpec> result;
  for (const Shape& shape : shapes) result.push_back({"output" + std::to_string(result.size()), shape});
  return result;
}

/// An image as large as the network's input, so that network pixels are image pixels.
inline Geometry same_size(int width = 640, int height = 640) {
  Geometry geometry;
  geometry.image = geometry.crop = geometry.network = {width, height};
  return geometry;
}

inline DecodeOptions with_confidence(float value) {
  DecodeOptions options;
  options.confidence.value = value;
  return options;
}

inline DecodeOptions with_default_confidence() {
  DecodeOptions options;
  options.confidence.kind = Confidence::Kind::model_default;
  return options;
}

inline FamilyConfig config_for(Task task, std::string architecture, std::vector<std::string> class_names) {
  FamilyConfig config;
  config.task = task;
  config.architecture = std::move(architecture);
  config.class_names = std::move(class_names);
  config.network = {640, 640};
  return config;
}

inline FamilyConfig detector(std::string architecture, std::vector<std::string> class_names = {"cat", "dog"}) {
  return config_for(Task::object_detection, std::move(architecture), std::move(class_names));
}

inline std::unique_ptr<const Family> made(FamilyConfig config) {
  auto family = make_family(std::move(config));
  EXPECT_TRUE(family) << family.error().message;
  return family ? std::move(*family) : nullptr;
}

template <typename T>
T decoded(const Family& family, const std::vector<Output>& outputs, const DecodeOptions& options = {},
          const Geometry& geometry = same_size(), std::size_t index = 0) {
  const auto prediction = family.decode(views(outputs), index, geometry, options);
  EXPECT_TRUE(prediction) << prediction.error().message;
  if (!prediction) return {};
  const T* typed = std::get_if<T>(&*prediction);
  EXPECT_NE(typed, nullptr);
  return typed ? *typed : T{};
}

inline std::vector<Detection> detections(const Family& family, const std::vector<Output>& outputs,
                                         const DecodeOptions& options = {}, const Geometry& geometry = same_size()) {
  return decoded<ObjectDetections>(family, outputs, options, geometry).detections;
}

inline std::vector<float> confidences(const std::vector<Detection>& found) {
  std::vector<float> result;
  for (const Detection& detection : found) result.push_back(detection.confidence);
  return result;
}

}  // namespace osprey::vision
