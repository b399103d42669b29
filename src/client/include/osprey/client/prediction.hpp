// What a server answers: predictions, models, itself.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <osprey/client/options.hpp>

namespace osprey::client {

struct Point {
  double x = 0;
  double y = 0;
};

struct Keypoint {
  double x = 0;
  double y = 0;
  double confidence = 0;
  int class_id = 0;
  std::string class_name = {};
};

/// A mask in COCO's compressed run-length form; rows x columns of its canvas.
struct RunLengths {
  int height = 0;
  int width = 0;
  std::string counts = {};
};

/// One object. Coordinates are pixels of Prediction::width x height, which is the image's size after EXIF rotation, or
/// that of the masks' grid where reduced masks were allowed.
struct Detection {
  double x = 0;  ///< of the box's centre
  double y = 0;
  double width = 0;
  double height = 0;
  double confidence = 0;
  int class_id = 0;
  std::string class_name = {};
  std::string detection_id = {};
  std::vector<Point> points = {};        ///< outline; instance segmentation
  std::optional<RunLengths> rle = {};    ///< instead of the outline, where that was asked for
  std::vector<Keypoint> keypoints = {};  ///< keypoint detection
};

struct ClassScore {
  std::string class_name = {};
  int class_id = 0;
  double confidence = 0;
};

struct Classification {
  /// One label: the classes above the threshold, best first. Several: every class, in the model's order.
  std::vector<ClassScore> scores = {};
  bool multi_label = false;
  std::string top = {};                             ///< the best class, with one label; empty: none above the threshold
  double confidence = 0;                            ///< of `top`
  std::vector<std::string> predicted_classes = {};  ///< with several labels: those above the threshold
};

struct SemanticMap {
  std::vector<std::byte> class_ids_png = {};    ///< a grey PNG: the class id of each pixel
  std::vector<std::byte> confidences_png = {};  ///< a grey PNG: confidence x 255
  std::map<int, std::string> class_names = {};
  std::vector<int> present_class_ids = {};
};

/// One image's answer.
struct Prediction {
  std::string inference_id = {};
  std::string model_id = {};  ///< as the server resolved it; empty where it does not tell
  double seconds = 0;         ///< that the server spent on it
  int width = 0;              ///< that coordinates refer to
  int height = 0;
  std::vector<Detection> detections = {};             ///< object, instance and keypoint detection
  std::optional<Classification> classification = {};  ///< with one label or several
  std::optional<SemanticMap> semantic = {};
  std::vector<std::byte> visualization = {};  ///< a JPEG, where one was asked for
  std::string json = {};                      ///< the answer as the server wrote it
};

/// A model in a server's memory.
struct Model {
  std::string model_id = {};
  std::string task_type = {};     ///< as the server tells it: "object-detection"; empty: it did not (for an alias)
  std::optional<Task> task = {};  ///< unset: one that this client does not know
  std::optional<int> input_width = {};  ///< pixels; unset: any
  std::optional<int> input_height = {};
};

struct ServerInfo {
  std::string name = {};
  std::string version = {};
  std::string uuid = {};  ///< another one with each start
};

}  // namespace osprey::client
