// What a registry says that a model is, in either protocol.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osprey::hub {

struct ModelType {
  std::string task;          ///< "object-detection", ...
  std::string architecture;  ///< "yolov8", ...
  std::string variant;       ///< "yolov8n"; may be empty
};

/// The confidences that the registry recommends for "confidence": "best".
struct Recommended {
  std::optional<double> confidence;
  std::map<std::string, double> per_class;
  [[nodiscard]] bool empty() const { return !confidence && per_class.empty(); }
};

/// What the reference takes for a model whose architecture the registry leaves out or calls "ort"; empty for a task
/// without such a rule.
[[nodiscard]] std::string default_architecture(std::string_view task);

}  // namespace osprey::hub
