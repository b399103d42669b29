// What calls ask of the server: the border between the executable and the library that holds gRPC.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "oip/messages.hpp"

namespace osprey::rpc {

/// The functions of oip::Core (oip/core.hpp) under the same names and rules, as virtual ones: the library calls them
/// through this table and needs no symbol of the executable. Thread-safe.
class Backend {
 public:
  template <typename T>
  using Completion = std::function<void(Result<T>)>;

  virtual ~Backend() = default;

  [[nodiscard]] virtual bool live() const = 0;
  [[nodiscard]] virtual bool ready() const = 0;
  [[nodiscard]] virtual oip::ServerMetadata server_metadata() const = 0;
  [[nodiscard]] virtual Result<std::string> authorize(std::string_view key) const = 0;
  [[nodiscard]] virtual TimePoint deadline() const = 0;
  virtual void admit(CancelToken cancel, TimePoint deadline, std::function<void()> work,
                     std::function<void(Error)> refused) = 0;
  [[nodiscard]] virtual Result<bool> model_ready(const oip::ModelName& model) const = 0;
  virtual void model_metadata(const oip::ModelName& model, std::string_view api_key,
                              Completion<oip::ModelMetadata> completion) = 0;
  virtual void infer(std::shared_ptr<const oip::InferRequest> request, Completion<oip::InferAnswer> completion) = 0;
  [[nodiscard]] virtual std::vector<oip::IndexEntry> repository_index(bool ready) const = 0;
  virtual void load(const oip::ModelName& model, std::string_view api_key, Completion<void> completion) = 0;
  [[nodiscard]] virtual Status unload(const oip::ModelName& model) = 0;

  [[nodiscard]] virtual TimePoint now() const = 0;
  /// A call, or a message of a stream, was answered. `method`: as "ModelInfer", of a fixed set; `status`: a name of
  /// gRPC's, as "OK".
  virtual void answered(std::string_view method, std::string_view status, double seconds) = 0;
};

}  // namespace osprey::rpc
