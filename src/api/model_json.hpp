// Answers about models and about the server.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.hpp"
#include "vision/task.hpp"

namespace osprey::api {

/// Why a model is out of service.
struct ModelFailure {
  std::string reason;
  double retry_seconds = 0;  ///< until it is tried again
};

/// A live model in /model/registry.
struct ModelEntry {
  std::string model_id;
  vision::Task task = vision::Task::object_detection;
  std::optional<image::Size> input;
  std::vector<std::string> request_paths;
  std::vector<std::string> request_aliases = {};  ///< for an alias: the id that it stands for
  std::optional<ModelFailure> failure = {};       ///< told only of a model that is out of service
};

/// The list of live models (http-api 6.1 of the reference: nulls are written here). A multi-label classifier is told as
/// "classification", as its clients expect.
[[nodiscard]] std::string models_json(std::span<const ModelEntry> models);

/// {"status": "ready"} or {"status": "not ready"}, as the reference; of models that are out of service besides
/// "models_out": [{"model_id", "reason", "retry_seconds"}], and where threads hang for good or the server is about to
/// stop "reason".
[[nodiscard]] std::string readiness_json(bool ready, std::string_view reason, std::span<const ModelEntry> models);

/// {"name": ..., "version": ..., "uuid": ...}: all three are needed by the stock client.
[[nodiscard]] std::string info_json(std::string_view version, std::string_view uuid);

}  // namespace osprey::api
