// The use case: images, a model id and options in; typed predictions out. No JSON, no sockets.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/tensor.hpp"
#include "fetch/fetcher.hpp"
#include "image/decode.hpp"
#include "registry/live_model.hpp"
#include "registry/model_registry.hpp"
#include "scheduler/scheduler.hpp"
#include "service/image_source.hpp"
#include "service/tensor_pool.hpp"
#include "service/visualization.hpp"
#include "vision/decode_options.hpp"
#include "vision/predictions.hpp"
#include "vision/preprocess.hpp"

namespace osprey::service {

struct PredictionRequest {
  std::string model_id;
  std::string request_path;  ///< URL path, noted by the registry
  std::string api_key;       ///< for a model that has to be fetched; empty: none
  std::vector<ImageSource> images;
  vision::DecodeOptions decode;
  vision::PreprocessSwitches preprocess;
  bool auto_orient = true;
  std::optional<VisualizationOptions> visualization;
  CancelToken cancel;
  TimePoint deadline = TimePoint::max();
  std::shared_ptr<const void> keep_alive;  ///< owns what the image sources point to
};

/// Seconds that one image spent in each stage.
struct StageTimes {
  double fetch = 0;       ///< from its URL; 0 when it came with the request
  double load = 0;        ///< decoding
  double preprocess = 0;  ///< resize, and what else makes the network's input
  double queue = 0;       ///< waiting for the network
  double network = 0;     ///< running it; of the whole batch
  double decode = 0;      ///< reading its outputs: boxes, masks, keypoints
  double draw = 0;        ///< the picture, when one was asked for
};

/// One image's outcome.
struct ImagePrediction {
  image::Size image;  ///< decoded, after EXIF rotation
  vision::Prediction prediction;
  std::optional<std::vector<std::byte>> visualization;  ///< JPEG
  StageTimes times;
};

struct PredictionResponse {
  registry::ModelLease model;
  std::vector<ImagePrediction> images;  ///< in the order of the request's
};

/// A request to a network itself: its own input for some images, without pictures and predictions.
struct NetworkRequest {
  std::string model_id;
  std::string request_path;           ///< URL path, noted by the registry
  std::string api_key;                ///< for a model that has to be fetched; empty: none
  std::string input;                  ///< name of the network's input
  Shape shape;                        ///< images first
  std::span<const std::byte> values;  ///< float32, little-endian, row-major; need not be aligned
  std::vector<std::string> outputs;   ///< names of those that are wanted, in the order of the answer; empty: all
  CancelToken cancel;
  TimePoint deadline = TimePoint::max();
  std::shared_ptr<const void> keep_alive;  ///< owns what `values` points to
};

/// An output of a network for all images of a request: float32, little-endian, row-major.
struct NetworkOutput {
  std::string name;
  Shape shape;
  std::string values;
};

struct NetworkResponse {
  registry::ModelLease model;
  std::vector<NetworkOutput> outputs;
  std::vector<StageTimes> times;  ///< of each image
};

/// Whether a JPEG far larger than the network's input is decoded at 1/2, 1/4 or 1/8 of its sides: faster, with slightly
/// other pixels.
enum class DecodeScale { off, automatic };

struct ServiceOptions {
  std::size_t threads = 1;          ///< that prepare images; the scheduler's
  std::size_t max_in_flight = 512;  ///< requests admitted and not answered
  image::DecodeLimits image_limits;
  DecodeScale decode_scale = DecodeScale::off;
  bool fetch_urls = true;
  fetch::FetchOptions fetch;
};

/// Thread-safe. Must outlive what it was given to do: stop the scheduler first.
class PredictionService {
 public:
  using Completion = std::function<void(Result<PredictionResponse>)>;
  using NetworkCompletion = std::function<void(Result<NetworkResponse>)>;

  PredictionService(ServiceOptions options, registry::ModelRegistry& registry, scheduler::Scheduler& scheduler,
                    std::shared_ptr<const Clock> clock);
  ~PredictionService();

  /// Runs `work` on a compute thread, for what a request needs before predict() can be called (parsing its body).
  /// `refused` is called instead when there is no room (at once), the client has left or `deadline` has passed, and
  /// after `work` when that threw.
  void admit(CancelToken cancel, TimePoint deadline, std::function<void()> work, std::function<void(Error)> refused);

  /// Predicts; calls `completion` exactly once, from any thread. Images of one request are worked on side by side.
  /// Errors: of the first image that fails, of the registry, internal (a fault of the model), overloaded,
  /// deadline_exceeded, cancelled, unavailable.
  /// To be called on a compute thread (see admit): a single image is prepared on the caller's.
  void predict(std::shared_ptr<const PredictionRequest> request, Completion completion);

  /// Runs a model's network on the caller's own input; calls `completion` exactly once, from any thread. Errors: as
  /// predict(); invalid_argument for an input or output that the network does not have, another shape
  /// (network_tensors.hpp) and values that are not numbers. What such an input makes of the outputs is never held
  /// against the model. To be called on a compute thread (see admit).
  void run_network(std::shared_ptr<const NetworkRequest> request, NetworkCompletion completion);

  /// Completes the requests whose deadline has passed with deadline_exceeded, wherever they are: waiting for a load,
  /// or in an engine that does not return. To be called several times a second, by one thread at a time, after the
  /// scheduler's own check: what has not begun is told so by that.
  void check_deadlines();

 private:
  class InFlight;
  class Pending;
  class Prediction;
  class NetworkRun;
  class RawNetworkJob;
  class StepJob;
  class NetworkJob;
  class StepRunner;

  const ServiceOptions options_;
  registry::ModelRegistry& registry_;
  const std::shared_ptr<InFlight> in_flight_;  // shared with its predictions, some of which may end later
  TensorPool tensors_;
  scheduler::Lane preparation_;
  const std::shared_ptr<const Clock> clock_;
  // Last, so that it ends first: what it has fetched goes to the lane above.
  fetch::Fetcher fetcher_;
};

}  // namespace osprey::service
