// A prediction request as the wire tells it, after parsing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vision/decode_options.hpp"
#include "vision/preprocess.hpp"

namespace osprey::api {

/// The reference's task routes: what fields a body may have is the route's matter, not the model's.
enum class Route {
  object_detection,
  instance_segmentation,
  keypoints_detection,
  classification,
  semantic_segmentation
};

/// What an image's value is.
enum class ImageKind {
  base64,   ///< base64 text of an encoded image
  url,      ///< where to fetch it
  numpy,    ///< base64 text of a pickled array
  file,     ///< a path on the server
  encoded,  ///< the encoded image itself (a form's file); has no name on the wire
  pickled,  ///< the pickled array itself (a v1 body); has no name on the wire
  unknown,  ///< a type that is none of the wire's
};

/// The kind of a `type` field ("base64", "url", "numpy", "file"), in any case.
[[nodiscard]] ImageKind image_kind(std::string_view type);

/// An image as sent.
struct ImageField {
  ImageKind kind = ImageKind::unknown;
  std::string_view value;  ///< lives as long as the body
};

/// The image at `url`. A data URI holds its image itself: that is base64, and nothing is fetched.
[[nodiscard]] ImageField url_image(std::string_view url);

/// How the v1 route answers.
enum class ResponseFormat { json, image, image_and_json };

struct InferenceRequest {
  std::string model_id;
  std::optional<std::string> id;  ///< echoed as inference_id
  std::optional<std::string> api_key;
  std::vector<ImageField> images;
  bool image_is_list = false;  ///< then the answer is one, too

  vision::DecodeOptions decode;
  vision::PreprocessSwitches preprocess;
  bool disable_auto_orient = false;
  vision::MaskFormat response_mask_format = vision::MaskFormat::polygon;
  std::string mask_decode_mode = "accurate";  ///< checked when the model runs, not when the request is read

  bool visualize_predictions = false;
  bool visualization_labels = false;
  int visualization_stroke_width = 1;
  ResponseFormat format = ResponseFormat::json;  ///< v1 only
};

}  // namespace osprey::api
