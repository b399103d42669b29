// The Open Inference Protocol (KServe V2) without a wire: what HTTP and gRPC ask of the server, in typed values.
//
// Each model is seen in two ways. Under its own name it takes pictures and gives predictions (image_view.hpp); under
// its name with ".raw" it takes and gives the network's own tensors (tensor_view.hpp).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "oip/messages.hpp"
#include "registry/model_registry.hpp"
#include "service/prediction_service.hpp"

namespace osprey::oip {

/// What the core works with; it outlives the core.
struct CoreContext {
  service::PredictionService& service;
  registry::ModelRegistry& registry;
  std::shared_ptr<const Clock> clock;
  std::string version = {};                ///< of this program
  std::function<bool()> live = nullptr;    ///< null: always; thread-safe
  std::function<bool()> ready = nullptr;   ///< null: always; thread-safe
  std::size_t max_images = 256;            ///< in one request
  bool numpy_input = true;                 ///< pictures may be pickled arrays
  std::chrono::seconds request_time{120};  ///< the longest that a request may take
  /// Whether a client's key (empty: none) opens this server. Gives the key for models' registries, empty for none: a
  /// key of this server is given to nobody else. Errors: unauthenticated. Null: everybody may come in.
  std::function<Result<std::string>(std::string_view key)> authorize = nullptr;
  /// Told of each inference's end. Thread-safe; null: nobody.
  std::function<void(std::string_view model_id, std::span<const service::ImagePrediction> images, double seconds)>
      succeeded = nullptr;
  std::function<void(std::string_view model_id, Code code)> failed = nullptr;
};

/// Thread-safe. A completion is called exactly once, from any thread, maybe within the call; it must not block. (Where
/// memory ends it may be let go without a call.)
class Core {
 public:
  template <typename T>
  using Completion = std::function<void(Result<T>)>;

  explicit Core(CoreContext context);

  [[nodiscard]] bool live() const;
  /// Not while draining or loading what is loaded at the start.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] ServerMetadata server_metadata() const;

  /// See CoreContext::authorize. To be asked for each request but those for live, ready and server_metadata.
  [[nodiscard]] Result<std::string> authorize(std::string_view key) const;

  /// When a request that came now has to be done.
  [[nodiscard]] TimePoint deadline() const;

  /// Runs `work` on a compute thread: reading a request's body, infer(). `refused` is called instead when there is no
  /// room (at once: overloaded), the client has left, the deadline has passed, and after `work` when that threw.
  void admit(CancelToken cancel, TimePoint deadline, std::function<void()> work, std::function<void(Error)> refused);

  /// Whether the model is in memory and in service. Never loads one; any thread, does not block. Errors:
  /// invalid_argument (no name of a model).
  [[nodiscard]] Result<bool> model_ready(const ModelName& model) const;

  /// What the model takes and gives. Loads it when it is not in memory: only its network tells. To be called within
  /// admit(). Errors: those of ModelRegistry::acquire.
  void model_metadata(const ModelName& model, std::string_view api_key, Completion<ModelMetadata> completion);

  /// Runs the model. To be called within admit(). Errors: invalid_argument (inputs, outputs or parameters that are not
  /// the model's), payload_too_large, those of ModelRegistry::acquire and of PredictionService.
  void infer(std::shared_ptr<const InferRequest> request, Completion<InferAnswer> completion);

  /// All models of the models folder and those in memory, both views of each. `ready`: only those that are ready. Looks
  /// at the disk: to be called within admit().
  [[nodiscard]] std::vector<IndexEntry> repository_index(bool ready) const;

  /// Brings a model into memory. To be called within admit(). Errors: those of ModelRegistry::acquire.
  void load(const ModelName& model, std::string_view api_key, Completion<void> completion);

  /// Takes a model, all its versions when none is named, out of memory; requests that run end with it. One that is not
  /// in memory is no error. To be called within admit(). Errors: invalid_argument.
  [[nodiscard]] Status unload(const ModelName& model);

 private:
  /// The id of the model that is meant: the newest version's where none is named.
  [[nodiscard]] std::string id_of(const ParsedName& name) const;
  void infer_images(const ParsedName& name, std::shared_ptr<const InferRequest> request,
                    Completion<InferAnswer> completion);
  void infer_tensors(const ParsedName& name, std::shared_ptr<const InferRequest> request,
                     Completion<InferAnswer> completion);
  const std::shared_ptr<const CoreContext> context_;  // shared with what runs
};

}  // namespace osprey::oip
