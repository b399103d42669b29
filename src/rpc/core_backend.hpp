// The backend that a server has: the core of the Open Inference Protocol.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oip/core.hpp"
#include "rpc/backend.hpp"

namespace osprey::rpc {

/// Passes everything on. Thread-safe.
class CoreBackend final : public Backend {
 public:
  using Answered = std::function<void(std::string_view method, std::string_view status, double seconds)>;

  /// `answered`: see Backend::answered.
  CoreBackend(std::shared_ptr<oip::Core> core, std::shared_ptr<const Clock> clock, Answered answered)
      : core_(std::move(core)), clock_(std::move(clock)), answered_(std::move(answered)) {}

  [[nodiscard]] bool live() const override { return core_->live(); }
  [[nodiscard]] bool ready() const override { return core_->ready(); }
  [[nodiscard]] oip::ServerMetadata server_metadata() const override { return core_->server_metadata(); }
  [[nodiscard]] Result<std::string> authorize(std::string_view key) const override { return core_->authorize(key); }
  [[nodiscard]] TimePoint deadline() const override { return core_->deadline(); }
  void admit(CancelToken cancel, TimePoint deadline, std::function<void()> work,
             std::function<void(Error)> refused) override {
    core_->admit(std::move(cancel), deadline, std::move(work), std::move(refused));
  }
  [[nodiscard]] Result<bool> model_ready(const oip::ModelName& model) const override {
    return core_->model_ready(model);
  }
  void model_metadata(const oip::ModelName& model, std::string_view api_key,
                      Completion<oip::ModelMetadata> completion) override {
    core_->model_metadata(model, api_key, std::move(completion));
  }
  void infer(std::shared_ptr<const oip::InferRequest> request, Completion<oip::InferAnswer> completion) override {
    core_->infer(std::move(request), std::move(completion));
  }
  [[nodiscard]] std::vector<oip::IndexEntry> repository_index(bool ready) const override {
    return core_->repository_index(ready);
  }
  void load(const oip::ModelName& model, std::string_view api_key, Completion<void> completion) override {
    core_->load(model, api_key, std::move(completion));
  }
  [[nodiscard]] Status unload(const oip::ModelName& model) override { return core_->unload(model); }

  [[nodiscard]] TimePoint now() const override { return clock_->now(); }
  void answered(std::string_view method, std::string_view status, double seconds) override {
    answered_(method, status, seconds);
  }

 private:
  const std::shared_ptr<oip::Core> core_;
  const std::shared_ptr<const Clock> clock_;
  const Answered answered_;
};

}  // namespace osprey::rpc
