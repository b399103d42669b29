// How a server is reached, and how an image is predicted on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace osprey::client {

/// How often and after what pauses a call is tried again. That happens where no connection came about or it broke
/// before an answer, and on 429 and 503: all calls of this client may be repeated without harm.
struct Retries {
  int attempts = 4;                            ///< in all; 1: no retries
  std::chrono::milliseconds first_pause{100};  ///< before the second attempt; doubles from one to the next
  std::chrono::milliseconds longest_pause{5'000};
  /// A Retry-After of the server is honoured up to this; when it asks for more, the call fails at once.
  std::chrono::milliseconds longest_retry_after{30'000};
  /// Each pause is shortened by up to this part of it, at random, so that clients that failed together do not return
  /// together. What a server asks for with Retry-After is never shortened, only lengthened by up to this part.
  double jitter = 0.5;
};

/// How a server is reached.
struct Options {
  std::string url = "http://localhost:9001";
  std::string api_key = {};                           ///< empty: none is sent
  std::chrono::milliseconds connect_timeout{10'000};  ///< for each connection
  std::chrono::milliseconds timeout{120'000};         ///< for a call with all its attempts and pauses; 0: none
  Retries retries = {};
  std::size_t max_connections = 8;  ///< calls on the wire at a time; more wait for their turn
  std::size_t max_waiting = 64;     ///< asynchronous calls that wait for a connection; where full, infer_async blocks
  std::size_t max_answer_bytes = std::size_t{256} << 20;  ///< a larger answer is a bad_answer
  bool verify_tls = true;
  std::string ca_file = {};  ///< certificates (PEM) to trust instead of the system's; empty: the system's
  std::string user_agent = "osprey-client";
};

/// What a model does; it decides the route.
enum class Task {
  object_detection,
  instance_segmentation,
  keypoint_detection,
  classification,  ///< one label or several
  semantic_segmentation,
};

/// What raw pixels become on the wire. Both are lossless.
enum class PixelForm {
  numpy,  ///< a pickled NumPy array
  bmp,    ///< for servers that take no pickles
};

enum class MaskFormat { polygon, rle };

/// A confidence threshold that is no number.
enum class ConfidenceChoice {
  best,           ///< what the model's package recommends
  model_default,  ///< the family's own
};

/// How images are predicted on. What is left unset is the server's default (docs/http-api.md). Fields that a task does
/// not know are left out.
struct InferOptions {
  std::optional<double> confidence = {};
  std::optional<ConfidenceChoice> confidence_choice = {};  ///< instead of a number
  std::optional<double> iou_threshold = {};
  std::optional<bool> class_agnostic_nms = {};
  std::vector<std::string> class_filter = {};  ///< names of the classes to keep; empty: all
  std::optional<int> max_detections = {};
  std::optional<int> max_candidates = {};
  std::optional<double> keypoint_confidence = {};
  std::optional<MaskFormat> mask_format = {};
  std::optional<bool> allow_reduced_mask_resolution = {};
  std::optional<std::string> mask_decode_mode = {};  ///< "accurate", "fast", "tradeoff"
  std::optional<double> tradeoff_factor = {};

  bool visualize = false;  ///< answer with a picture, too
  std::optional<bool> visualize_labels = {};
  std::optional<int> stroke_width = {};

  std::optional<bool> disable_auto_orientation = {};
  std::optional<bool> disable_contrast = {};
  std::optional<bool> disable_grayscale = {};
  std::optional<bool> disable_static_crop = {};

  std::string id = {};            ///< answered as inference_id; empty: the server makes one
  std::optional<Task> task = {};  ///< unset: the client asks the server, once a model
  PixelForm pixel_form = PixelForm::numpy;
  std::stop_token stop = {};  ///< ends the call with ErrorKind::cancelled
};

}  // namespace osprey::client
