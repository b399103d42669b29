// A model as it takes pictures and gives predictions: the image view.
//
// Input `image`, BYTES [n]: encoded pictures. Outputs for n images, of which image i has counts[i] predictions; those
// of image 0 come first, then those of image 1, and so on, T in all:
//   predictions    BYTES [n]      the native routes' JSON answer for each image
//   counts         INT64 [n]      predictions of each image (boxes and classification)
//   scores         FP32  [T]      confidences
//   classes        INT64 [T]      indices of the model's class names
//   boxes          FP32  [T,4]    x1, y1, x2, y2 in the image's pixels (tasks with boxes)
//   keypoints      FP32  [T,K,3]  x, y, confidence of each slot; zeros where one was not found (keypoint detection)
//   probabilities  FP32  [n,C]    of every class, whatever the threshold (classification)
//   sizes          INT64 [n,2]    height and width of each map (semantic segmentation)
//   class_map      UINT8 [P]      the maps' class ids, row by row, P = the sum of height x width (semantic
//   segmentation)
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oip/core.hpp"
#include "service/prediction_service.hpp"
#include "vision/decode_options.hpp"
#include "vision/families/family.hpp"

namespace osprey::oip {

[[nodiscard]] std::vector<TensorMetadata> image_inputs();
[[nodiscard]] std::vector<TensorMetadata> image_outputs(const vision::FamilyConfig& config);

/// A request to the image view, read.
struct ImageRequest {
  std::shared_ptr<service::PredictionRequest> prediction;  ///< but for its model_id
  vision::MaskFormat mask_format = vision::MaskFormat::polygon;
  std::vector<std::string> outputs;  ///< names; empty: all
};

/// Reads inputs, parameters (the names of the native routes' fields) and requested outputs. The images' views point to
/// the request's data, which `request` keeps alive. Errors: invalid_argument, payload_too_large (more than max_images).
[[nodiscard]] Result<ImageRequest> read_image_request(const std::shared_ptr<const InferRequest>& request,
                                                      const CoreContext& context);

/// The outputs that were asked for, in that order. `seconds`: since the request began. Errors: invalid_argument for one
/// that this model does not have; internal.
[[nodiscard]] Result<std::vector<OutputTensor>> image_outputs_of(const service::PredictionResponse& response,
                                                                 const ImageRequest& request, const std::string& id,
                                                                 double seconds);

}  // namespace osprey::oip
