#include "api/field_rules.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace osprey::api {
namespace {

using vision::Confidence;

constexpr RouteSet kAll = (1U << 5) - 1;
constexpr RouteSet kBoxes = route_bit(Route::object_detection) | route_bit(Route::instance_segmentation) |
                            route_bit(Route::keypoints_detection);
constexpr RouteSet kSegmentation = route_bit(Route::instance_segmentation);
constexpr RouteSet kKeypoints = route_bit(Route::keypoints_detection);
constexpr RouteSet kClassification = route_bit(Route::classification);
constexpr RouteSet kSemantic = route_bit(Route::semantic_segmentation);

int clamped_to_int(std::int64_t value) {
  return static_cast<int>(std::clamp<std::int64_t>(value, 0, std::numeric_limits<int>::max()));
}

float clamped_to_float(double value) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kMost, kMost));
}

// One setter for each kind of field; Member is a pointer to the member of InferenceRequest.
template <auto Member>
void set_flag(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto flag = to_boolean(value, location, problems)) request.*Member = *flag;
}

template <auto Member>
void set_preprocess_flag(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto flag = to_boolean(value, location, problems)) request.preprocess.*Member = *flag;
}

template <auto Member>
void set_decode_flag(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto flag = to_boolean(value, location, problems)) request.decode.*Member = *flag;
}

template <auto Member>
void set_decode_integer(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto integer = to_integer(value, location, problems)) request.decode.*Member = clamped_to_int(*integer);
}

template <auto Member>
void set_decode_number(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto number = to_number(value, location, problems)) request.decode.*Member = clamped_to_float(*number);
}

template <auto Member>
void set_text(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (auto text = to_text(value, location, problems)) request.*Member = std::move(*text);
}

void set_stroke_width(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto width = to_integer(value, location, problems))
    request.visualization_stroke_width = clamped_to_int(*width);
}

void set_class_filter(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (auto names = to_text_list(value, location, problems)) request.decode.class_filter = std::move(*names);
}

/// The field's default of 0 means the family's own threshold, as in the reference, which ignores the field.
void set_keypoint_confidence(const Scalar& value, const Location& location, InferenceRequest& request,
                             Problems& problems) {
  const auto threshold = to_number(value, location, problems);
  if (threshold && *threshold > 0) request.decode.keypoint_confidence = clamped_to_float(*threshold);
}

void set_mask_format(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto choice = to_choice(value, {"polygon", "rle"}, location, problems)) {
    request.response_mask_format = *choice == 0 ? vision::MaskFormat::polygon : vision::MaskFormat::rle;
  }
}

void check_semantic_mask_format(const Scalar& value, const Location& location, InferenceRequest& /*request*/,
                                Problems& problems) {
  (void)to_choice(value, {"base64_png", "numpy"}, location, problems);
}

/// A number, or "best" or "default": the problems of both readings are told, as the reference does for a union.
bool set_confidence(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (value.kind == Scalar::Kind::text && (value.text == "best" || value.text == "default")) {
    request.decode.confidence.kind = value.text == "best" ? Confidence::Kind::best : Confidence::Kind::model_default;
    return true;
  }
  const auto number = to_number(value, below(location, "float"), problems);
  if (!number) {
    (void)to_choice(value, {"best", "default"}, below(location, "literal['best','default']"), problems);
    return false;
  }
  request.decode.confidence = {Confidence::Kind::number, clamped_to_float(*number)};
  return true;
}

void set_body_confidence(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  (void)set_confidence(value, location, request, problems);
}

/// The keypoint route knows numbers only.
void set_keypoint_route_confidence(const Scalar& value, const Location& location, InferenceRequest& request,
                                   Problems& problems) {
  if (const auto number = to_number(value, location, problems)) {
    request.decode.confidence = {Confidence::Kind::number, clamped_to_float(*number)};
  }
}

/// v1 numbers of 1 and more are percentages (http-api 5.1 of the reference; so 1 is 0.01).
double from_percentage(double value) {
  return value >= 1.0 ? value / 100.0 : value;
}

void set_query_confidence(const Scalar& value, const Location& location, InferenceRequest& request,
                          Problems& problems) {
  constexpr double kLowest = 0.01;  // the reference's guard against floods of boxes
  if (!set_confidence(value, location, request, problems)) return;
  auto& confidence = request.decode.confidence;
  if (confidence.kind != Confidence::Kind::number) return;
  confidence.value =
      clamped_to_float(std::max(kLowest, from_percentage(to_number(value, location, problems).value_or(0.0))));
}

void set_query_overlap(const Scalar& value, const Location& location, InferenceRequest& request, Problems& problems) {
  if (const auto overlap = to_number(value, location, problems)) {
    request.decode.iou_threshold = clamped_to_float(from_percentage(*overlap));
  }
}

void set_query_format(const Scalar& value, const Location& /*location*/, InferenceRequest& request,
                      Problems& /*problems*/) {
  request.format = value.text == "image"            ? ResponseFormat::image
                   : value.text == "image_and_json" ? ResponseFormat::image_and_json
                                                    : ResponseFormat::json;
}

void check_flag(const Scalar& value, const Location& location, InferenceRequest& /*request*/, Problems& problems) {
  (void)to_boolean(value, location, problems);
}

void check_text(const Scalar& value, const Location& location, InferenceRequest& /*request*/, Problems& problems) {
  (void)to_text(value, location, problems);
}

void check_number(const Scalar& value, const Location& location, InferenceRequest& /*request*/, Problems& problems) {
  (void)to_number(value, location, problems);
}

using D = vision::DecodeOptions;
using P = vision::PreprocessSwitches;
using R = InferenceRequest;
using enum FieldType;

// clang-format off: one line a field.
constexpr FieldRule kRules[] = {
    // body name, query name, routes, type, nullable, default, description, setter
    {"api_key", "api_key", kAll, text, true, "null", "Key for the model registry", set_text<&R::api_key>},
    {"confidence", "", kBoxes & ~kKeypoints, confidence, false, "0.4", "Lowest confidence of a prediction, 0 to 1", set_body_confidence},
    {"confidence", "", kKeypoints, number, false, "0.4", "Lowest confidence of a prediction, 0 to 1", set_keypoint_route_confidence},
    {"confidence", "", kClassification | kSemantic, confidence, false, "0.4", "Lowest confidence of a class, 0 to 1", set_body_confidence},
    {"", "confidence", 0, confidence, false, "0.4", "Lowest confidence, 0 to 1 or a percentage of 1 to 100", set_query_confidence},
    {"iou_threshold", "", kBoxes, number, true, "0.3", "Boxes that overlap more than this are one object", set_decode_number<&D::iou_threshold>},
    {"", "overlap", 0, number, false, "0.3", "Like iou_threshold, 0 to 1 or a percentage of 1 to 100", set_query_overlap},
    {"class_agnostic_nms", "", kBoxes, boolean, true, "false", "Overlapping boxes of different classes are one object, too", set_decode_flag<&D::class_agnostic_nms>},
    {"class_filter", "", kBoxes, text_list, true, "null", "Names of the classes to keep; empty: all", set_class_filter},
    {"max_detections", "max_detections", kBoxes, integer, true, "300", "Most predictions for an image", set_decode_integer<&D::max_detections>},
    {"max_candidates", "", kBoxes, integer, true, "3000", "Most boxes that enter non-maximum suppression", set_decode_integer<&D::max_candidates>},
    {"keypoint_confidence", "keypoint_confidence", kKeypoints, number, true, "0.0", "Lowest confidence of a keypoint; 0: the family's own", set_keypoint_confidence},
    {"mask_decode_mode", "mask_decode_mode", kSegmentation, mask_decode_mode, true, "\"accurate\"", "accurate, fast or tradeoff", set_text<&R::mask_decode_mode>},
    {"tradeoff_factor", "tradeoff_factor", kSegmentation, number, true, "0.0", "Between fast (0) and accurate (1), with the mode tradeoff", set_decode_number<&D::tradeoff_factor>},
    {"allow_reduced_mask_resolution", "allow_reduced_mask_resolution", kSegmentation, boolean, false, "false", "Masks and boxes may be told on a grid smaller than the image", set_decode_flag<&D::allow_reduced_mask_resolution>},
    {"response_mask_format", "response_mask_format", kSegmentation, mask_format, false, "\"polygon\"", "polygon or rle (COCO)", set_mask_format},
    {"response_mask_format", "", kSemantic, semantic_mask_format, false, "\"base64_png\"", "base64_png; numpy is answered as base64_png", check_semantic_mask_format},
    {"enforce_dense_masks_in_inference_models", "", kSegmentation, boolean, true, "false", "Accepted; masks are the same either way", check_flag},
    {"visualize_predictions", "", kAll & ~kSemantic, boolean, true, "false", "Adds a picture of the predictions", set_flag<&R::visualize_predictions>},
    {"visualization_labels", "labels", kBoxes, boolean, true, "false", "Names and confidences in the picture", set_flag<&R::visualization_labels>},
    {"visualization_stroke_width", "stroke", kAll & ~kSemantic, integer, true, "1", "Width of lines in the picture, pixels", set_stroke_width},
    {"", "format", 0, format, false, "\"json\"", "json, image or image_and_json", set_query_format},
    {"disable_preproc_auto_orient", "disable_preproc_auto_orient", kAll, boolean, true, "false", "Ignores the EXIF orientation", set_flag<&R::disable_auto_orient>},
    {"disable_preproc_contrast", "disable_preproc_contrast", kAll, boolean, true, "false", "Leaves out the package's contrast step", set_preprocess_flag<&P::disable_contrast>},
    {"disable_preproc_grayscale", "disable_preproc_grayscale", kAll, boolean, true, "false", "Leaves out the package's grayscale step", set_preprocess_flag<&P::disable_grayscale>},
    {"disable_preproc_static_crop", "disable_preproc_static_crop", kAll, boolean, true, "false", "Leaves out the package's static crop", set_preprocess_flag<&P::disable_static_crop>},
    // Accepted for clients of the reference; without effect on a prediction.
    {"disable_active_learning", "disable_active_learning", kAll, boolean, true, "false", "Accepted; no data is collected", check_flag},
    {"active_learning_target_dataset", "active_learning_target_dataset", kAll, text, true, "null", "Accepted; no data is collected", check_text},
    {"disable_model_monitoring", "disable_model_monitoring", kAll, boolean, true, "false", "Accepted; nothing is monitored", check_flag},
    {"fix_batch_size", "", kBoxes, boolean, true, "false", "Accepted; without effect", check_flag},
    {"include_anomaly_map", "include_anomaly_map", kClassification, boolean, false, "false", "Accepted; no anomaly models are served", check_flag},
    {"usage_billable", "", kAll, boolean, false, "true", "Accepted; nothing is billed", check_flag},
    {"", "countinference", 0, boolean, false, "true", "Accepted; nothing is counted", check_flag},
    {"model_type", "", kAll, text, true, "null", "Accepted; the package tells its own", check_text},
    {"source", "source", kAll, text, true, "null", "Accepted; without effect", check_text},
    {"source_info", "source_info", kAll, text, true, "null", "Accepted; without effect", check_text},
    {"start", "", kAll, number, true, "null", "Accepted; without effect", check_number},
};
// clang-format on

}  // namespace

std::span<const FieldRule> field_rules() {
  return kRules;
}

void apply_body_field(Route route, std::string_view name, const Scalar& value, InferenceRequest& request,
                      Problems& problems) {
  for (const auto& rule : kRules) {
    if (rule.body_name != name || (rule.routes & route_bit(route)) == 0) continue;
    // A null leaves the default where the reference allows it.
    if (value.kind != Scalar::Kind::null || !rule.nullable)
      rule.apply(value, {"body", std::string(name)}, request, problems);
    return;
  }
}

void apply_query_field(std::string_view name, std::string_view value, InferenceRequest& request, Problems& problems) {
  for (const auto& rule : kRules) {
    if (rule.query_name != name) continue;
    rule.apply(Scalar::of_text(value), {"query", std::string(name)}, request, problems);
    return;
  }
}

std::string_view check_mask_decoding(InferenceRequest& request) {
  using vision::MaskDecodeMode;
  constexpr std::string_view kMessage =
      "Invalid mask decode argument sent. tradeoff_factor must be in [0.0, 1.0], mask_decode_mode: must be one of "
      "['accurate', 'fast', 'tradeoff']";
  auto& decode = request.decode;
  if (request.mask_decode_mode == "accurate") {
    decode.mask_decode_mode = MaskDecodeMode::accurate;
  } else if (request.mask_decode_mode == "fast") {
    decode.mask_decode_mode = MaskDecodeMode::fast;
  } else if (request.mask_decode_mode == "tradeoff") {
    decode.mask_decode_mode = MaskDecodeMode::tradeoff;
    if (!(decode.tradeoff_factor >= 0 && decode.tradeoff_factor <= 1)) return kMessage;
  } else {
    return kMessage;
  }
  return {};
}

}  // namespace osprey::api
