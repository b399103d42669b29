#include "oip/image_outputs.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/prediction_json.hpp"
#include "base/uuid.hpp"
#include "oip/image_view.hpp"

namespace osprey::oip {
namespace {

using vision::FamilyConfig;
using vision::Task;

bool has_boxes(Task task) {
  return task == Task::object_detection || task == Task::instance_segmentation || task == Task::keypoint_detection;
}
bool is_classification(Task task) {
  return task == Task::classification || task == Task::multi_label_classification;
}

/// Slots of the skeleton that has most.
std::size_t slots(const FamilyConfig& config) {
  std::size_t most = 0;
  for (const auto& skeleton : config.skeletons) most = std::max(most, skeleton.keypoints.size());
  return most;
}

std::int64_t signed_size(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

template <typename T>
void append(const T& value, std::string& data) {
  data.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// One thing found: what all tasks with counts tell of it.
struct Found {
  float score = 0;
  std::int64_t class_id = 0;
  const vision::Box* box = nullptr;
  const vision::Pose* pose = nullptr;
};

std::vector<Found> found_in(const vision::Prediction& prediction) {
  std::vector<Found> all;
  const auto add = [&](const vision::Detection& detection, const vision::Pose* pose) {
    all.push_back({detection.confidence, detection.class_id, &detection.box, pose});
  };
  if (const auto* objects = std::get_if<vision::ObjectDetections>(&prediction)) {
    for (const auto& each : objects->detections) add(each, nullptr);
  } else if (const auto* segments = std::get_if<vision::InstanceSegments>(&prediction)) {
    for (const auto& each : segments->instances) add(each.detection, nullptr);
  } else if (const auto* poses = std::get_if<vision::Poses>(&prediction)) {
    for (const auto& each : poses->poses) add(each.detection, &each);
  } else if (const auto* classes = std::get_if<vision::Classification>(&prediction)) {
    for (const auto& each : classes->scores) all.push_back({static_cast<float>(each.confidence), each.class_id});
  } else if (const auto* labels = std::get_if<vision::MultiLabelClassification>(&prediction)) {
    for (const int id : labels->predicted) all.push_back({labels->scores[static_cast<std::size_t>(id)], id});
  }
  return all;
}

/// A column of all that was found: the values that `write` appends for each.
template <typename Write>
OutputTensor column(DataType type, Shape inner, const service::PredictionResponse& response, Write write) {
  OutputTensor tensor{{}, type, {0}, {}};
  for (const auto& image : response.images) {
    for (const auto& found : found_in(image.prediction)) {
      write(found, tensor.data);
      ++tensor.shape.front();
    }
  }
  tensor.shape.insert(tensor.shape.end(), inner.begin(), inner.end());
  return tensor;
}

void write_keypoints(const Found& found, std::size_t count, std::string& data) {
  std::vector<float> values(count * 3, 0.0F);
  for (const auto& keypoint : found.pose->keypoints) {
    const auto slot = static_cast<std::size_t>(keypoint.slot);
    if (slot >= count) continue;
    values[3 * slot] = keypoint.x;
    values[3 * slot + 1] = keypoint.y;
    values[3 * slot + 2] = keypoint.confidence;
  }
  data.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

const std::vector<float>* probabilities_of(const vision::Prediction& prediction) {
  if (const auto* single = std::get_if<vision::Classification>(&prediction)) return &single->probabilities;
  if (const auto* multi = std::get_if<vision::MultiLabelClassification>(&prediction)) return &multi->scores;
  return nullptr;
}

Result<OutputTensor> predictions(const service::PredictionResponse& response, vision::MaskFormat mask_format,
                                 const std::string& id, double seconds) {
  const auto& model = *response.model;
  OutputTensor tensor{{}, DataType::bytes, {signed_size(response.images.size())}, {}};
  for (const auto& image : response.images) {
    api::JsonWriter json;
    const api::PredictionAnswer answer{
        id,
        seconds,
        {model.id, model.package.package_id, model.session->backend(), model.package.quantization},
        model.package.family,
        image.image,
        image.prediction,
        mask_format,
        image.visualization ? std::span<const std::byte>(*image.visualization) : std::span<const std::byte>()};
    if (auto written = api::write_prediction(answer, json); !written) return std::move(written).error();
    append_bytes(std::move(json).take(), tensor.data);
  }
  return tensor;
}

/// The tensor `name`, but for its name. Requires that the model's task has it.
OutputTensor numbers(std::string_view name, const service::PredictionResponse& response, const FamilyConfig& config) {
  const auto images = signed_size(response.images.size());
  OutputTensor tensor{{}, DataType::int64, {images}, {}};
  if (name == "counts") {
    for (const auto& image : response.images) append(signed_size(found_in(image.prediction).size()), tensor.data);
  } else if (name == "scores") {
    return column(DataType::fp32, {}, response,
                  [](const Found& found, std::string& data) { append(found.score, data); });
  } else if (name == "classes") {
    return column(DataType::int64, {}, response,
                  [](const Found& found, std::string& data) { append(found.class_id, data); });
  } else if (name == "boxes") {
    return column(DataType::fp32, {4}, response, [](const Found& found, std::string& data) {
      for (const float edge : {found.box->x1, found.box->y1, found.box->x2, found.box->y2}) append(edge, data);
    });
  } else if (name == "keypoints") {
    const auto count = slots(config);
    return column(DataType::fp32, {signed_size(count), 3}, response,
                  [count](const Found& found, std::string& data) { write_keypoints(found, count, data); });
  } else if (name == "probabilities") {
    tensor.datatype = DataType::fp32;
    tensor.shape.push_back(signed_size(config.class_names.size()));
    for (const auto& image : response.images) {
      auto values = *probabilities_of(image.prediction);
      values.resize(config.class_names.size(), 0.0F);
      for (const float value : values) append(value, tensor.data);
    }
  } else if (name == "sizes") {
    tensor.shape.push_back(2);
    for (const auto& image : response.images) {
      const auto size = std::get<vision::SemanticMap>(image.prediction).size;
      append(std::int64_t{size.height}, tensor.data);
      append(std::int64_t{size.width}, tensor.data);
    }
  } else {
    tensor.datatype = DataType::uint8;
    for (const auto& image : response.images) {
      const auto& ids = std::get<vision::SemanticMap>(image.prediction).class_ids;
      tensor.data.append(reinterpret_cast<const char*>(ids.data()), ids.size());
    }
    tensor.shape = {signed_size(tensor.data.size())};
  }
  return tensor;
}

}  // namespace

std::span<const std::string_view> known_image_outputs() {
  static constexpr std::string_view kNames[] = {"predictions", "counts",        "scores", "classes",  "boxes",
                                                "keypoints",   "probabilities", "sizes",  "class_map"};
  return kNames;
}

std::vector<TensorMetadata> image_outputs(const FamilyConfig& config) {
  std::vector<TensorMetadata> outputs{{"predictions", DataType::bytes, {-1}}};
  const bool boxes = has_boxes(config.task);
  const bool classes = is_classification(config.task);
  if (boxes || classes) {
    outputs.push_back({"counts", DataType::int64, {-1}});
    outputs.push_back({"scores", DataType::fp32, {-1}});
    outputs.push_back({"classes", DataType::int64, {-1}});
  }
  if (boxes) outputs.push_back({"boxes", DataType::fp32, {-1, 4}});
  if (config.task == Task::keypoint_detection) {
    outputs.push_back({"keypoints", DataType::fp32, {-1, signed_size(slots(config)), 3}});
  }
  if (classes) outputs.push_back({"probabilities", DataType::fp32, {-1, signed_size(config.class_names.size())}});
  if (config.task == Task::semantic_segmentation) {
    outputs.push_back({"sizes", DataType::int64, {-1, 2}});
    outputs.push_back({"class_map", DataType::uint8, {-1}});
  }
  return outputs;
}

Result<std::vector<OutputTensor>> image_outputs_of(const service::PredictionResponse& response,
                                                   const ImageRequest& request, const std::string& id, double seconds) {
  const auto& config = response.model->package.family;
  const auto there = image_outputs(config);
  std::vector<std::string> names = request.outputs;
  if (names.empty()) {
    for (const auto& output : there) names.push_back(output.name);
  }
  std::vector<OutputTensor> tensors;
  for (const auto& name : names) {
    if (std::none_of(there.begin(), there.end(), [&](const TensorMetadata& each) { return each.name == name; })) {
      return Error{Code::invalid_argument, "the model " + response.model->id + " (" +
                                               std::string(vision::to_string(config.task)) + ") has no output '" +
                                               name + "'"};
    }
    if (name == "predictions") {
      auto written = predictions(response, request.mask_format, id.empty() ? make_uuid() : id, seconds);
      if (!written) return std::move(written).error();
      tensors.push_back(std::move(written).value());
    } else {
      tensors.push_back(numbers(name, response, config));
    }
    tensors.back().name = name;
  }
  return tensors;
}

}  // namespace osprey::oip
