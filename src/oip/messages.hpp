// What clients of the Open Inference Protocol ask and are answered; no form of the wire.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "oip/model_names.hpp"
#include "oip/tensors.hpp"

namespace osprey::oip {

struct ServerMetadata {
  std::string name;
  std::string version;
  std::vector<std::string> extensions;
};

struct TensorMetadata {
  std::string name;
  DataType datatype = DataType::fp32;
  Shape shape;  ///< -1 for a dimension that a request or the network decides
};

struct ModelMetadata {
  std::string name;  ///< as asked, without a version
  /// All that are known, the newest last; empty for a model whose id has no version.
  std::vector<std::string> versions;
  std::string platform;  ///< "osprey_image" or "osprey_tensor"
  std::string backend;   ///< that runs the network: "openvino", "onnxruntime"
  /// Inputs and outputs have images as their first dimension, of which one request may hold so many; 0: they do not.
  std::size_t max_batch_size = 0;
  std::vector<TensorMetadata> inputs;
  std::vector<TensorMetadata> outputs;
};

struct RequestedOutput {
  std::string name;
  Parameters parameters = {};
};

/// What is asked of a model. Views need not be null-terminated.
struct InferRequest {
  ModelName model;
  std::string id = {};  ///< echoed; empty: none
  Parameters parameters = {};
  std::vector<InputTensor> inputs;
  std::vector<RequestedOutput> outputs = {};  ///< empty: all
  std::string api_key = {};                   ///< for the model's registry, as authorize() gave it; empty: none
  std::string request_path = {};              ///< noted for /model/registry; empty: none
  CancelToken cancel = {};
  TimePoint deadline = TimePoint::max();
  TimePoint started = {};                       ///< for the time that is told and counted
  std::shared_ptr<const void> keep_alive = {};  ///< owns what the inputs' data points to
};

struct InferAnswer {
  std::string model_name;  ///< as asked, without a version
  std::string model_version;
  std::string model_id;  ///< "project/version", or an alias
  std::string id;        ///< the request's
  Parameters parameters;
  std::vector<OutputTensor> outputs;  ///< in the order that was asked for; else in the metadata's
  bool cold = false;                  ///< the request caused or awaited the model's load
  double load_seconds = 0;            ///< of that load
};

/// A model in the repository.
struct IndexEntry {
  std::string name;
  std::string version;  ///< empty for an id without one
  enum class State { ready, loadable, unavailable } state = State::loadable;
  std::string reason;  ///< why it is not ready
};
/// "READY" for `ready`; "UNAVAILABLE" for the others, as the protocol has no name for what is loaded on first use.
[[nodiscard]] std::string_view to_string(IndexEntry::State state);

}  // namespace osprey::oip
