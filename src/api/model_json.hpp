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

/// A live model in /model/registry.
struct ModelEntry {
  std::string model_id;
  vision::Task task = vision::Task::object_detection;
  std::optional<image::Size> input;
  std::vector<std::string> request_paths;
  std::vector<std::string> request_aliases = {};  ///< for an alias: the id that it stands for
};

/// The list of live models (http-api 6.1 of the reference: nulls are written here). A multi-label classifier is told as
/// "classification", as its clients expect.
[[nodiscard]] std::string models_json(std::span<const ModelEntry> models);

/// {"name": ..., "version": ..., "uuid": ...}: all three are needed by the stock client.
[[nodiscard]] std::string info_json(std::string_view version, std::string_view uuid);

}  // namespace osprey::api
