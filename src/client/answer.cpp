// Predictions from the JSON of an answer.
#include <charconv>
#include <utility>

#include <simdjson.h>
#include <osprey/client/request.hpp>

#include "client/answer_errors.hpp"
#include "client/json_read.hpp"

namespace osprey::client {
namespace {

namespace od = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

error_code read_point(od::value value, std::vector<Point>& points) {
  Point& point = points.emplace_back();
  return for_each_field(value, [&](std::string_view name, od::value field) {
    if (name == "x") read_value(field, point.x);
    if (name == "y") read_value(field, point.y);
    return SUCCESS;
  });
}

error_code read_keypoint(od::value value, std::vector<Keypoint>& keypoints) {
  Keypoint& keypoint = keypoints.emplace_back();
  return for_each_field(value, [&](std::string_view name, od::value field) {
    if (name == "x") {
      read_value(field, keypoint.x);
    } else if (name == "y") {
      read_value(field, keypoint.y);
    } else if (name == "confidence") {
      read_value(field, keypoint.confidence);
    } else if (name == "class_id") {
      read_value(field, keypoint.class_id);
    } else if (name == "class") {
      read_value(field, keypoint.class_name);
    }
    return SUCCESS;
  });
}

error_code read_run_lengths(od::value value, std::optional<RunLengths>& rle) {
  RunLengths found;
  std::vector<int> size;
  const auto error = for_each_field(value, [&](std::string_view name, od::value field) {
    if (name == "counts") read_value(field, found.counts);
    if (name != "size") return SUCCESS;
    return for_each_item(field, [&](od::value side) {
      read_value(side, size.emplace_back());
      return SUCCESS;
    });
  });
  if (size.size() == 2) {
    found.height = size[0];
    found.width = size[1];
    rle = std::move(found);
  }
  return error;
}

/// An item of a list of predictions: an object, or a class of a classification, which has no box.
error_code read_detection(od::value value, std::vector<Detection>& detections) {
  Detection& detection = detections.emplace_back();
  return for_each_field(value, [&](std::string_view name, od::value field) {
    if (name == "x") {
      read_value(field, detection.x);
    } else if (name == "y") {
      read_value(field, detection.y);
    } else if (name == "width") {
      read_value(field, detection.width);
    } else if (name == "height") {
      read_value(field, detection.height);
    } else if (name == "confidence") {
      read_value(field, detection.confidence);
    } else if (name == "class") {
      read_value(field, detection.class_name);
    } else if (name == "class_id") {
      read_value(field, detection.class_id);
    } else if (name == "detection_id") {
      read_value(field, detection.detection_id);
    } else if (name == "points") {
      return for_each_item(field, [&](od::value point) { return read_point(point, detection.points); });
    } else if (name == "keypoints") {
      return for_each_item(field, [&](od::value keypoint) { return read_keypoint(keypoint, detection.keypoints); });
    } else if (name == "rle") {
      return read_run_lengths(field, detection.rle);
    }
    return SUCCESS;
  });
}

/// {"cat": {"confidence": ..., "class_id": ...}, ...}
error_code read_labels(od::object& labels, Classification& found) {
  return for_each_field(labels, [&](std::string_view name, od::value label) {
    ClassScore& score = found.scores.emplace_back();
    score.class_name = name;
    return for_each_field(label, [&](std::string_view key, od::value field) {
      if (key == "confidence") read_value(field, score.confidence);
      if (key == "class_id") read_value(field, score.class_id);
      return SUCCESS;
    });
  });
}

error_code read_semantic(od::object& object, SemanticMap& map) {
  return for_each_field(object, [&](std::string_view name, od::value field) {
    if (name == "segmentation_mask") {
      read_value(field, map.class_ids_png);
    } else if (name == "confidence_mask") {
      read_value(field, map.confidences_png);
    } else if (name == "class_map") {
      return for_each_field(field, [&](std::string_view id, od::value class_name) {
        int number = 0;
        if (std::from_chars(id.data(), id.data() + id.size(), number).ec == std::errc()) {
          read_value(class_name, map.class_names[number]);
        }
        return SUCCESS;
      });
    } else if (name == "present_class_ids") {
      return for_each_item(field, [&](od::value id) {
        read_value(id, map.present_class_ids.emplace_back());
        return SUCCESS;
      });
    }
    return SUCCESS;
  });
}

/// `predictions` where it is an object: a map of classes over the image, or the scores of labels. A class may bear any
/// name, so that only the type of what bears it tells them apart.
error_code read_predictions_object(od::value value, Prediction& prediction) {
  od::object object;
  if (const auto error = value.get_object().get(object)) return error;
  std::string_view mask;
  const bool semantic = object["segmentation_mask"].get_string().get(mask) == SUCCESS;
  if (const auto error = object.reset().error()) return error;
  if (semantic) return read_semantic(object, prediction.semantic.emplace());
  auto& classification = prediction.classification.emplace();
  classification.multi_label = true;
  return read_labels(object, classification);
}

/// What only the whole answer tells: whether its list is of objects or of classes.
struct ClassificationFields {
  bool present = false;
  std::string top;
  double confidence = 0;
  std::vector<std::string> predicted;
};

error_code read_field(std::string_view name, od::value field, Prediction& prediction, ClassificationFields& labels) {
  if (name == "inference_id") {
    read_value(field, prediction.inference_id);
  } else if (name == "time") {
    read_value(field, prediction.seconds);
  } else if (name == "visualization") {
    read_value(field, prediction.visualization);
  } else if (name == "top") {
    labels.present = true;
    read_value(field, labels.top);
  } else if (name == "confidence") {
    read_value(field, labels.confidence);
  } else if (name == "predicted_classes") {
    return for_each_item(field, [&](od::value label) {
      read_value(label, labels.predicted.emplace_back());
      return SUCCESS;
    });
  } else if (name == "resolved_model") {
    return for_each_field(field, [&](std::string_view key, od::value value) {
      if (key == "model_id") read_value(value, prediction.model_id);
      return SUCCESS;
    });
  } else if (name == "image") {
    return for_each_field(field, [&](std::string_view key, od::value value) {
      if (key == "width") read_value(value, prediction.width);
      if (key == "height") read_value(value, prediction.height);
      return SUCCESS;
    });
  } else if (name == "predictions") {
    od::json_type type{};
    if (const auto error = field.type().get(type)) return error;
    if (type == od::json_type::object) return read_predictions_object(field, prediction);
    return for_each_item(field, [&](od::value item) { return read_detection(item, prediction.detections); });
  }
  return SUCCESS;
}

void finish(Prediction& prediction, ClassificationFields labels) {
  if (prediction.classification) prediction.classification->predicted_classes = std::move(labels.predicted);
  if (!labels.present || prediction.classification) return;
  auto& classification = prediction.classification.emplace();
  classification.top = std::move(labels.top);
  classification.confidence = labels.confidence;
  for (auto& item : prediction.detections) {
    classification.scores.push_back({std::move(item.class_name), item.class_id, item.confidence});
  }
  prediction.detections.clear();
}

error_code read_prediction(od::object& object, Prediction& prediction, bool& has_predictions) {
  ClassificationFields labels;
  const auto error = for_each_field(object, [&](std::string_view name, od::value field) {
    has_predictions = has_predictions || name == "predictions";
    return read_field(name, field, prediction, labels);
  });
  finish(prediction, std::move(labels));
  return error;
}

error_code read_list(od::document& document, std::vector<Prediction>& predictions, bool& all_have) {
  od::array array;
  if (const auto error = document.get_array().get(array)) return error;
  for (auto item : array) {
    od::object object;
    if (const auto error = std::move(item).get_object().get(object)) return error;
    std::string_view json;
    if (const auto error = object.raw_json().get(json)) return error;
    Prediction& prediction = predictions.emplace_back();
    // The parser's view reaches up to what follows.
    prediction.json = json.substr(0, json.find_last_not_of(" \t\r\n") + 1);
    if (const auto error = object.reset().error()) return error;
    bool has_predictions = false;
    if (const auto error = read_prediction(object, prediction, has_predictions)) return error;
    all_have = all_have && has_predictions;
  }
  return SUCCESS;
}

/// Whether all that is there was read: what follows the JSON value is none of it.
error_code check_end(od::document& document) {
  const char* rest = nullptr;
  return document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS ? SUCCESS : simdjson::TAPE_ERROR;
}

error_code read_document(od::parser& parser, std::string& body, std::vector<Prediction>& predictions, bool& sound) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  od::document document;
  if (const auto error = parser.iterate(body.data(), body.size(), body.capacity()).get(document)) return error;
  od::json_type type{};
  if (const auto error = document.type().get(type)) return error;
  sound = true;
  if (type == od::json_type::array) {
    if (const auto error = read_list(document, predictions, sound)) return error;
    return check_end(document);
  }
  od::object object;
  if (const auto error = document.get_object().get(object)) return error;
  sound = false;
  if (const auto error = read_prediction(object, predictions.emplace_back(), sound)) return error;
  return check_end(document);
}

}  // namespace

Result<std::vector<Prediction>> read_answer(int http_status, std::string body, std::size_t images) {
  if (http_status < 200 || http_status >= 300) return error_of(http_status, body);
  std::vector<Prediction> predictions;
  bool sound = false;
  od::parser parser;
  if (const auto error = read_document(parser, body, predictions, sound)) {
    return bad_answer(http_status,
                      std::string("cannot be read as predictions (") + simdjson::error_message(error) + ")");
  }
  if (!sound) return bad_answer(http_status, "has no predictions");
  if (predictions.size() != images) {
    return bad_answer(http_status, "has " + std::to_string(predictions.size()) + " predictions for " +
                                       std::to_string(images) + " images");
  }
  if (predictions.front().json.empty()) predictions.front().json = std::move(body);
  return predictions;
}

}  // namespace osprey::client
