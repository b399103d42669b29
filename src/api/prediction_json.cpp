#include "api/prediction_json.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "base/uuid.hpp"
#include "image/encode.hpp"
#include "vision/masks.hpp"

namespace osprey::api {
namespace {

using vision::FamilyConfig;

/// The name of a class, or its number when the package names fewer.
std::string class_name(const FamilyConfig& config, int class_id) {
  const auto i = static_cast<std::size_t>(class_id);
  return i < config.class_names.size() ? config.class_names[i] : std::to_string(class_id);
}

void write_size(image::Size size, JsonWriter& json) {
  json.begin_object().key("width").integer(size.width).key("height").integer(size.height).end_object();
}

/// The fields of one object, without the braces.
void write_detection(const vision::Detection& detection, const FamilyConfig& config, JsonWriter& json) {
  const auto& box = detection.box;
  json.key("x").number((double{box.x1} + double{box.x2}) / 2);
  json.key("y").number((double{box.y1} + double{box.y2}) / 2);
  json.key("width").number(double{box.x2} - double{box.x1});
  json.key("height").number(double{box.y2} - double{box.y1});
  json.key("confidence").number(double{detection.confidence});
  json.key("class").string(class_name(config, detection.class_id));
  json.key("class_id").integer(detection.class_id);
  json.key("detection_id").string(make_uuid());
}

void write_mask(const vision::MaskRegion& mask, image::Size canvas, vision::MaskFormat format, JsonWriter& json) {
  if (format == vision::MaskFormat::rle) {
    json.key("rle").begin_object().key("size").begin_array().integer(canvas.height).integer(canvas.width).end_array();
    json.key("counts").string(vision::mask_rle(mask, canvas)).end_object();
    json.key("mask_format").string("rle");
    return;
  }
  json.key("points").begin_array();
  for (const auto& point : vision::mask_polygon(mask)) {
    json.begin_object().key("x").number(double{point.x}).key("y").number(double{point.y}).end_object();
  }
  json.end_array().key("mask_format").string("polygon");
}

void write_keypoints(const vision::Pose& pose, const FamilyConfig& config, JsonWriter& json) {
  const auto class_id = static_cast<std::size_t>(pose.detection.class_id);
  const std::vector<std::string>* names =
      class_id < config.skeletons.size() ? &config.skeletons[class_id].keypoints : nullptr;
  json.key("keypoints").begin_array();
  for (const auto& keypoint : pose.keypoints) {
    const auto slot = static_cast<std::size_t>(keypoint.slot);
    json.begin_object().key("x").number(double{keypoint.x}).key("y").number(double{keypoint.y});
    json.key("confidence").number(double{keypoint.confidence}).key("class_id").integer(keypoint.slot);
    json.key("class")
        .string(names != nullptr && slot < names->size() ? (*names)[slot] : std::to_string(slot))
        .end_object();
  }
  json.end_array();
}

/// Writes `image`, `predictions` and what belongs to the task.
struct TaskWriter {
  const PredictionAnswer& answer;
  JsonWriter& json;

  Status operator()(const vision::ObjectDetections& found) const {
    write_image(answer.image);
    json.key("predictions").begin_array();
    for (const auto& detection : found.detections) {
      json.begin_object();
      write_detection(detection, answer.config, json);
      json.end_object();
    }
    json.end_array();
    return {};
  }

  Status operator()(const vision::InstanceSegments& found) const {
    write_image(found.reduced ? found.canvas : answer.image);
    json.key("predictions").begin_array();
    for (const auto& instance : found.instances) {
      json.begin_object();
      write_detection(instance.detection, answer.config, json);
      write_mask(instance.mask, found.canvas, answer.mask_format, json);
      json.end_object();
    }
    json.end_array();
    if (found.reduced) {
      json.key("original_image");
      write_size(answer.image, json);
      json.key("mask_metadata").begin_object().key("coordinate_system").string("mask_grid");
      json.key("width").integer(found.canvas.width).key("height").integer(found.canvas.height);
      json.key("scale_x").number(double(answer.image.width) / found.canvas.width);
      json.key("scale_y").number(double(answer.image.height) / found.canvas.height).end_object();
    }
    return {};
  }

  Status operator()(const vision::Poses& found) const {
    write_image(answer.image);
    json.key("predictions").begin_array();
    for (const auto& pose : found.poses) {
      json.begin_object();
      write_detection(pose.detection, answer.config, json);
      write_keypoints(pose, answer.config, json);
      json.end_object();
    }
    json.end_array();
    return {};
  }

  Status operator()(const vision::Classification& found) const {
    write_image(answer.image);
    json.key("predictions").begin_array();
    for (const auto& score : found.scores) {
      json.begin_object().key("class").string(class_name(answer.config, score.class_id));
      json.key("class_id").integer(score.class_id).key("confidence").number(score.confidence).end_object();
    }
    const bool any = !found.scores.empty();
    json.end_array().key("top").string(any ? class_name(answer.config, found.scores.front().class_id) : "");
    json.key("confidence").number(any ? found.scores.front().confidence : 0.0);
    return {};
  }

  Status operator()(const vision::MultiLabelClassification& found) const {
    write_image(answer.image);
    json.key("predictions").begin_object();
    for (std::size_t i = 0; i < found.scores.size(); ++i) {
      const int class_id = static_cast<int>(i);
      json.key(class_name(answer.config, class_id)).begin_object();
      json.key("confidence").number(double{found.scores[i]}).key("class_id").integer(class_id).end_object();
    }
    json.end_object().key("predicted_classes").begin_array();
    for (const int class_id : found.predicted) json.string(class_name(answer.config, class_id));
    json.end_array();
    return {};
  }

  Status operator()(const vision::SemanticMap& map) const {
    auto classes = image::encode_png_grey(map.class_ids, map.size);
    if (!classes) return std::move(classes).error();
    auto confidences = image::encode_png_grey(map.confidences, map.size);
    if (!confidences) return std::move(confidences).error();
    write_image(answer.image);
    json.key("predictions").begin_object();
    json.key("segmentation_mask").plain_string([&](std::string& out) { append_base64(*classes, out); });
    json.key("class_map").begin_object();
    for (std::size_t i = 0; i < answer.config.class_names.size(); ++i) {
      json.key(std::to_string(i)).string(answer.config.class_names[i]);
    }
    json.end_object();
    json.key("confidence_mask").plain_string([&](std::string& out) { append_base64(*confidences, out); });
    std::array<bool, 256> present{};
    for (const auto id : map.class_ids) present[id] = true;
    json.key("present_class_ids").begin_array();
    for (std::size_t id = 0; id < present.size(); ++id) {
      if (present[id]) json.integer(static_cast<std::int64_t>(id));
    }
    json.end_array().end_object();
    return {};
  }

  void write_image(image::Size size) const {
    json.key("image");
    write_size(size, json);
  }
};

}  // namespace

Status write_prediction(const PredictionAnswer& answer, JsonWriter& json) {
  json.begin_object();
  if (!answer.visualization.empty()) {
    json.key("visualization").plain_string([&](std::string& out) { append_base64(answer.visualization, out); });
  }
  json.key("inference_id").string(answer.inference_id);
  json.key("time").number(answer.seconds);
  json.key("resolved_model").begin_object();
  json.key("model_id").string(answer.model.model_id).key("model_package_id").string(answer.model.package_id);
  json.key("backend").string(answer.model.backend).key("quantization").string(answer.model.quantization).end_object();
  auto written = std::visit(TaskWriter{answer, json}, answer.prediction);
  json.end_object();
  return written;
}

}  // namespace osprey::api
