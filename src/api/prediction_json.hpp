// Predictions as the wire tells them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/json_writer.hpp"
#include "base/result.hpp"
#include "image/image.hpp"
#include "vision/families/family.hpp"
#include "vision/predictions.hpp"

namespace osprey::api {

/// Who answered.
struct ResolvedModel {
  std::string_view model_id;
  std::string_view package_id;
  std::string_view backend;
  std::string_view quantization;
};

/// One image's answer. Everything is viewed; nothing is owned.
struct PredictionAnswer {
  std::string_view inference_id;
  double seconds = 0;  ///< since the request's processing began
  ResolvedModel model;
  const vision::FamilyConfig& config;  ///< names of classes and keypoints
  image::Size image;
  const vision::Prediction& prediction;
  vision::MaskFormat mask_format = vision::MaskFormat::polygon;
  std::span<const std::byte> visualization;  ///< JPEG; empty: none
};

/// Appends the answer's object, keys in the reference's order (http-api section 4 of the reference).
/// Errors: internal when a mask's PNG cannot be written.
[[nodiscard]] Status write_prediction(const PredictionAnswer& answer, JsonWriter& json);

}  // namespace osprey::api
