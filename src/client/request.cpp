#include <osprey/client/request.hpp>

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "client/image_text.hpp"
#include "client/request_body.hpp"

namespace osprey::client {
namespace {

using Json = nlohmann::ordered_json;

struct TaskNames {
  Task task;
  std::string_view type;  // as servers tell it
  std::string_view path;
};
constexpr std::array kTasks{
    TaskNames{Task::object_detection, "object-detection", "/infer/object_detection"},
    TaskNames{Task::instance_segmentation, "instance-segmentation", "/infer/instance_segmentation"},
    TaskNames{Task::keypoint_detection, "keypoint-detection", "/infer/keypoints_detection"},
    TaskNames{Task::classification, "classification", "/infer/classification"},
    TaskNames{Task::semantic_segmentation, "semantic-segmentation", "/infer/semantic_segmentation"},
};

template <typename Value>
void set(Json& fields, const char* name, const std::optional<Value>& value) {
  if (value) fields[name] = *value;
}

Json fields_of(std::string_view model_id, const InferOptions& options, std::string_view api_key) {
  Json fields{{"model_id", model_id}};
  if (!api_key.empty()) fields["api_key"] = api_key;
  if (!options.id.empty()) fields["id"] = options.id;
  set(fields, "confidence", options.confidence);
  if (options.confidence_choice) {
    fields["confidence"] = *options.confidence_choice == ConfidenceChoice::best ? "best" : "default";
  }
  set(fields, "iou_threshold", options.iou_threshold);
  set(fields, "class_agnostic_nms", options.class_agnostic_nms);
  if (!options.class_filter.empty()) fields["class_filter"] = options.class_filter;
  set(fields, "max_detections", options.max_detections);
  set(fields, "max_candidates", options.max_candidates);
  set(fields, "keypoint_confidence", options.keypoint_confidence);
  if (options.mask_format) {
    fields["response_mask_format"] = *options.mask_format == MaskFormat::rle ? "rle" : "polygon";
  }
  set(fields, "allow_reduced_mask_resolution", options.allow_reduced_mask_resolution);
  set(fields, "mask_decode_mode", options.mask_decode_mode);
  set(fields, "tradeoff_factor", options.tradeoff_factor);
  if (options.visualize) fields["visualize_predictions"] = true;
  set(fields, "visualization_labels", options.visualize_labels);
  set(fields, "visualization_stroke_width", options.stroke_width);
  set(fields, "disable_preproc_auto_orient", options.disable_auto_orientation);
  set(fields, "disable_preproc_contrast", options.disable_contrast);
  set(fields, "disable_preproc_grayscale", options.disable_grayscale);
  set(fields, "disable_preproc_static_crop", options.disable_static_crop);
  return fields;
}

}  // namespace

std::string_view path_of(Task task) {
  for (const auto& names : kTasks) {
    if (names.task == task) return names.path;
  }
  return kTasks.front().path;
}

std::optional<Task> task_of(std::string_view task_type) {
  for (const auto& names : kTasks) {
    if (names.type == task_type) return names.task;
  }
  if (task_type == "multi-label-classification") return Task::classification;
  return std::nullopt;
}

Result<std::string> make_body(std::span<const Image> images, std::string_view model_id, const InferOptions& options,
                              std::string_view api_key, std::size_t max_image_bytes) {
  if (images.empty()) return Error{.kind = ErrorKind::invalid_argument, .message = "no images"};
  std::string body = fields_of(model_id, options, api_key).dump(-1, ' ', false, Json::error_handler_t::replace);
  body.back() = ',';  // the object goes on
  body += R"("image":)";
  if (images.size() > 1) body += '[';
  for (const auto& image : images) {
    if (&image != &images.front()) body += ',';
    if (auto problem = append_image(image, options.pixel_form, max_image_bytes, body)) return std::move(*problem);
  }
  if (images.size() > 1) body += ']';
  body += '}';
  return body;
}

Result<Request> make_request(std::span<const Image> images, std::string_view model_id, Task task,
                             const InferOptions& options, std::string_view api_key, std::size_t max_image_bytes) {
  auto body = make_body(images, model_id, options, api_key, max_image_bytes);
  if (!body) return std::move(body).error();
  return Request{std::string(path_of(task)), std::move(*body), images.size()};
}

}  // namespace osprey::client
