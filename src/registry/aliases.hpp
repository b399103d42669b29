// Short names for well-known public models, as clients and servers of the reference share them.
#pragma once

#include <string_view>

namespace osprey::registry {

/// What an alias stands for ("yolov8n-640" -> "coco/3"); any other id is given back as it is. The result of an alias
/// lives for ever.
[[nodiscard]] std::string_view resolve_alias(std::string_view model_id);

}  // namespace osprey::registry
